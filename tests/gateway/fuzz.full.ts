import fc from 'fast-check';
import { connect } from 'node:net';
import { Agent, request } from 'node:http';
import t from 'tap';
import { Bench, memoryOf, survivors } from '../lib/nexus.ts';

const REQUESTS = 10_000;
const AT_ONCE = 16;
const model = 'austen-3.7m';
const PATHS = [
  ...['/v1/chat/completions', '/v1/completions', '/v1/models', '/v1/models/x', '/health'],
  ...['/metrics', '/v1/receipts/x', '/v1/embeddings', '/', '//', '/%ff', '/v1/../x', '/*'],
];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'];

/** One request as it is sent. */
interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

t.setTimeout(600_000);

t.test('ten thousand requests of any kind leave a node as it was', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const nobody = ['--host', bench.host, '--bootstrap', `${bench.host}:9`];
  const args = ['up', '-m', model, '--json', '--http', '127.0.0.1:0', ...nobody];
  const up = bench.start(args, bench.home());
  const { http, pids } = await up.waitFor((e) => e.event === 'ready');
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  t.teardown(() => agent.destroy());
  const { hostname, port } = new URL(http);
  const before = memoryOf(pids.node);
  const statuses = new Map<number, number>();
  const wrong: string[] = [];
  const sample = fc.sample(requests(), REQUESTS);
  const worker = async () => {
    for (let sent = sample.pop(); sent !== undefined; sent = sample.pop()) {
      const { status, text } = await send(sent, agent, Number(port));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const fine = (status >= 200 && status < 300) || sent.method === 'HEAD' || hasError(text);
      if (!fine || status >= 500) wrong.push(`${status} ${JSON.stringify(sent).slice(0, 300)}`);
      // Now and then something that is no HTTP at all.
      if (sample.length % 20 === 0) await noise(hostname, Number(port), sent.body);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  t.same(wrong.slice(0, 5), [], 'each answer is one, or an error in the one shape, none of ours');
  t.comment(Object.fromEntries(statuses));
  t.ok((statuses.get(200) ?? 0) > 0 && (statuses.get(400) ?? 0) > 0);
  const grown = memoryOf(pids.node) - before;
  t.ok(grown < 200, `the node grew by ${grown.toFixed(0)} MB`);
  const body = { model, messages: [{ role: 'user', content: 'Hello' }], max_tokens: 4 };
  const headers = { 'content-type': 'application/json' };
  const asked = { method: 'POST', headers, body: JSON.stringify(body) };
  t.equal((await fetch(`${http}/v1/chat/completions`, asked)).status, 200, 'it answers');
  t.same((await survivors(Object.values(pids as Record<string, number>), 0)).length, 3);
  t.notOk(up.events.some((e) => e.event === 'engine-lost'));
  t.equal((await up.stop()).code, 0);
});

function requests(): fc.Arbitrary<Sent> {
  const message = fc.record({
    role: fc.oneof(fc.constantFrom('user', 'system', 'assistant', 'tool'), fc.string()),
    content: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
  });
  const asked = fc.record({
    model: fc.oneof(fc.constant(model), fc.string()),
    messages: fc.oneof(fc.array(message, { maxLength: 3 }), fc.jsonValue()),
    prompt: fc.oneof(fc.string(), fc.jsonValue()),
    max_tokens: fc.oneof(fc.constantFrom(1, 2), fc.jsonValue()),
    temperature: fc.oneof(fc.double(), fc.jsonValue()),
    stop: fc.jsonValue(),
    n: fc.oneof(fc.constant(1), fc.jsonValue()),
    seed: fc.oneof(fc.integer(), fc.jsonValue()),
    stream: fc.oneof(fc.boolean(), fc.jsonValue()),
    tools: fc.jsonValue(),
    [`x${0}`]: fc.jsonValue(),
  }, { requiredKeys: [] });
  const good = fc.record({
    model: fc.constant(model),
    messages: fc.constant([{ role: 'user', content: 'Hello' }]),
    max_tokens: fc.constantFrom(1, 2),
    stream: fc.boolean(),
  });
  const body = fc.oneof(
    asked.map((value) => Buffer.from(JSON.stringify(value))),
    good.map((value) => Buffer.from(JSON.stringify(value))),
    fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
    fc.nat(200).map((depth) => Buffer.from('['.repeat(100 * depth))),
    fc.json().map((text) => Buffer.from(text)),
  );
  const value = fc.string({ maxLength: 40 }).map((text) => text.replace(/[^\x20-\x7e]/g, ''));
  const headers = fc.dictionary(
    fc.constantFrom('origin', 'host', 'authorization', 'sec-fetch-site', 'accept', 'x-any'),
    value,
    { maxKeys: 2 },
  );
  return fc.record({
    method: fc.oneof({ weight: 4, arbitrary: fc.constant('POST') }, fc.constantFrom(...METHODS)),
    path: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('/v1/chat/completions', '/v1/completions') },
      fc.constantFrom(...PATHS),
    ),
    headers: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, headers),
    body,
  });
}

function send(sent: Sent, agent: Agent, port: number): Promise<{ status: number; text: string }> {
  const { method, path, body } = sent;
  const headers = { 'content-type': 'application/json', ...sent.headers };
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, agent, method, path, headers };
    const req = request({ ...options, setHost: sent.headers.host === undefined }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (more) => text += more);
      res.on('end', () => resolve({ status: res.statusCode!, text }));
    });
    req.on('error', reject);
    req.end(method === 'GET' || method === 'HEAD' || method === 'TRACE' ? undefined : body);
  });
}

function hasError(text: string): boolean {
  const { error } = JSON.parse(text || '{}');
  return typeof error?.message === 'string' && typeof error.type === 'string' &&
    typeof error.code === 'string';
}

/** Sends bytes and hangs up once they are gone. */
function noise(hostname: string, port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, hostname);
    socket.on('error', () => {}).on('close', () => resolve()).on('data', () => {});
    socket.end(bytes);
  });
}
