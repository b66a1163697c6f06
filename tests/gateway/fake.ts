import { createHash } from 'node:crypto';
import {
  type ApiKey,
  Desk,
  gatewayApp,
  type GatewayModel,
  type GatewayNode,
  type GatewayOptions,
  type KeyBook,
  type KeyLimits,
  type Quote,
  type RequestLog,
  serveGateway,
} from '../../node/gateway/mod.ts';
import type { RunRequest } from '../../node/control/mod.ts';
import type { NodeEvent } from '../../node/control/mod.ts';

export const MODEL: GatewayModel = {
  name: 'tiny',
  profile: 'ab'.repeat(32),
  contextSize: 1024,
  local: true,
  peers: 0,
};
export const EXECUTOR = 'e1'.repeat(32);

type RunEvents = ReturnType<GatewayNode['run']>;
/** What a run of the fake node yields. */
export type Script = (
  request: RunRequest,
  signal: AbortSignal,
  job: string,
) => AsyncGenerator<Record<string, unknown>, void, void>;

/** The events of an ordinary answer: one token for each word. */
export async function* words(
  text: string,
  job: string,
  signal: AbortSignal,
): AsyncGenerator<Record<string, unknown>, void, void> {
  yield { event: 'model', model: MODEL.name, profile: MODEL.profile, title: '' };
  yield { event: 'route', job, attempt: 0, executor: EXECUTOR, where: 'local' };
  const all = text.split(/(?<= )/);
  let position = 0;
  for (const word of all) {
    if (signal.aborted) break;
    yield { event: 'token', text: word, ids: [position], position: position++ };
  }
  yield done(job, text, signal.aborted ? 'cancelled' : 'end', position);
}

export function done(job: string, text: string, finish: string, tokens: number) {
  return {
    event: 'done',
    job,
    text,
    finish,
    executor: EXECUTOR,
    promptTokens: 3,
    outputTokens: tokens,
    attempts: 1,
    firstTokenMs: 1,
    totalMs: 2,
    tokensPerSecond: 1000,
    receipt: `/anywhere/${job}.receipt`,
    warnings: [],
  };
}

/** A node that answers as it is told to. */
class FakeNode implements GatewayNode {
  readonly key = 'aa'.repeat(32);
  readonly requests: RunRequest[] = [];
  readonly receipts = new Map<string, Uint8Array>();
  script: Script = (_request, signal, job) => words('one two three', job, signal);
  served: GatewayModel[] = [MODEL];
  ready = { ready: true, detail: 'model loaded' };
  running = 0;
  /** Runs that were told to stop before their end. */
  cancelled = 0;
  readonly listeners = new Set<(event: NodeEvent) => void>();

  async *run(request: RunRequest, signal: AbortSignal): RunEvents {
    const job = this.requests.push(request).toString(16).padStart(64, '0');
    this.running++;
    try {
      for await (const event of this.script(request, signal, job)) {
        if (event.event === 'done') this.receipts.set(job, new TextEncoder().encode('{"r":1}'));
        yield event as never;
      }
    } finally {
      this.running--;
      if (signal.aborted) this.cancelled++;
    }
  }

  models = () => Promise.resolve(this.served);
  receipt = (job: string) => Promise.resolve(this.receipts.get(job) ?? null);
  readiness = () => this.ready;
  /** What answers may cost; null: nothing. */
  price: Omit<Quote, 'maxTokens'> | null = null;
  quote = ({ maxTokens }: { maxTokens: number | null }): Quote | null =>
    this.price && { ...this.price, maxTokens: maxTokens ?? 100 };
  figures = () => ({ peers: 2, active: this.running, queued: 0, slots: 4 });
  on(listener: (event: NodeEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** Keys in memory. */
export class Keys implements KeyBook {
  readonly keys: ApiKey[] = [];

  add(secret: string, limits: Partial<KeyLimits> = {}): void {
    const none = {
      requestsPerMinute: null,
      tokensPerMinute: null,
      concurrent: null,
      ncuPerDay: null,
    };
    this.keys.push({
      expires: null,
      id: `k${this.keys.length}`,
      name: 'test',
      hash: createHash('sha256').update(secret).digest('hex'),
      created: 0,
      limits: { ...none, ...limits },
    });
  }

  size = () => Promise.resolve(this.keys.length);
  ids = () => Promise.resolve(new Set(this.keys.map(({ id }) => id)));
  find(secret: string): Promise<ApiKey | null> {
    const hash = createHash('sha256').update(secret).digest('hex');
    return Promise.resolve(this.keys.find((key) => key.hash === hash) ?? null);
  }
}

/** A gateway in front of a fake node, with what it logged. */
export function fakeGateway(options: Partial<GatewayOptions> = {}) {
  const node = new FakeNode(), keys = new Keys(), logs: RequestLog[] = [], faults: unknown[] = [];
  const whole: GatewayOptions = {
    hostname: '127.0.0.1',
    port: 0,
    origins: [],
    keys,
    // As it is then: nothing is added to a line that was written.
    onRequest: (log) => logs.push({ ...log }),
    onFault: (thrown) => faults.push(thrown),
    ...options,
  };
  const desk = new Desk(node, whole);
  const app = gatewayApp(desk);
  const request = (path: string, init: RequestInit = {}, gone?: AbortSignal) => {
    const headers = { host: '127.0.0.1:8040', ...init.headers };
    const sent = new Request(`http://gateway${path}`, { ...init, headers });
    // A browser's Request would drop it.
    if (!sent.headers.has('host')) sent.headers.set('host', headers.host);
    return app.fetch(sent, gone === undefined ? {} : { gone });
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const chat = (more: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
    post('/v1/chat/completions', {
      model: 'tiny',
      messages: [{ role: 'user', content: 'hi' }],
      ...more,
    }, headers);
  return {
    node,
    keys,
    logs,
    faults,
    desk,
    request,
    post,
    chat,
    serve: () => serveGateway(node, whole),
  };
}

/** The objects of a stream of server-sent events; `[DONE]` as it is. */
// deno-lint-ignore no-explicit-any -- compared field by field in the tests
export function eventsOf(text: string): any[] {
  return text.split('\n\n').filter((event) => event.startsWith('data: ')).map((event) => {
    const data = event.slice('data: '.length);
    return data === '[DONE]' ? data : JSON.parse(data);
  });
}
