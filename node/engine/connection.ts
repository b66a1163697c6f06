import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import { splitLines } from './lines.ts';
import type { FromEngine, ToEngine } from './wire.ts';

/** Receives what belongs to one call. */
export interface Receiver {
  message(message: Exclude<FromEngine, { event: string }>): void;
  lost(error: NexusError): void;
}

/** Diagnostics that are kept of a process, characters. */
const KEPT = 4000;

/** One run of the engine process: its pipes, its calls, its end. */
export class Connection {
  readonly pid: number;
  /** Resolves when the process has ended, with the reason. */
  readonly ended: Promise<string>;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #receivers = new Map<number, Receiver>();
  readonly #onEvent: (event: Extract<FromEngine, { event: string }>) => void;
  readonly #encoder = new TextEncoder();
  #nextId = 1;
  #diagnostics = '';
  #lost: NexusError | null = null;

  constructor(
    child: Deno.ChildProcess,
    onEvent: (event: Extract<FromEngine, { event: string }>) => void,
  ) {
    this.#child = child;
    this.pid = child.pid;
    this.#onEvent = onEvent;
    this.#writer = child.stdin.getWriter();
    void this.#readMessages();
    void this.#readDiagnostics();
    this.ended = this.#watch();
  }

  /** Starts a call; its messages go to `receiver` until {@link forget}. Returns the call's id. */
  open(message: DistributiveOmit<ToEngine, 'id'>, receiver: Receiver): number {
    const id = this.#nextId++;
    const lost = this.#lost;
    if (lost !== null) {
      // Not before the caller knows the id.
      queueMicrotask(() => receiver.lost(lost));
      return id;
    }
    this.#receivers.set(id, receiver);
    this.send({ ...message, id } as ToEngine);
    return id;
  }

  forget(id: number): void {
    this.#receivers.delete(id);
  }

  send(message: ToEngine): void {
    this.#writer.write(this.#encoder.encode(JSON.stringify(message) + '\n')).catch(() => {});
  }

  /** A call with one answer. */
  call(message: DistributiveOmit<ToEngine, 'id'>, signal?: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cancel = () => this.send({ op: 'cancel', id });
      const done = () => {
        this.forget(id);
        signal?.removeEventListener('abort', cancel);
      };
      const id = this.open(message, {
        message: (answer) => {
          done();
          if ('ok' in answer) resolve(answer.ok);
          else reject('error' in answer ? NexusError.fromJSON(answer.error) : unexpected());
        },
        lost: (error) => {
          done();
          reject(error);
        },
      });
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  /** Lets the process end by itself; kills it if it does not. */
  async close(): Promise<void> {
    await this.#writer.close().catch(() => {});
    const timer = setTimeout(() => this.kill(), 2000);
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    try {
      this.#child.kill('SIGKILL');
    } catch {
      // It has ended already.
    }
  }

  async #readMessages(): Promise<void> {
    try {
      for await (const line of splitLines(this.#child.stdout)) this.#receive(line);
    } catch {
      // The end of the process says more.
    }
  }

  #receive(line: string): void {
    let message: FromEngine;
    try {
      message = JSON.parse(line);
    } catch {
      this.#note(line + '\n');
      return;
    }
    if (typeof message !== 'object' || message === null) this.#note(line + '\n');
    else if ('event' in message) this.#onEvent(message);
    else this.#receivers.get(message.id)?.message(message);
  }

  async #readDiagnostics(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const bytes of this.#child.stderr) this.#note(decoder.decode(bytes));
    } catch {
      // As above.
    }
  }

  #note(text: string): void {
    this.#diagnostics = (this.#diagnostics + text).slice(-KEPT);
  }

  async #watch(): Promise<string> {
    const status = await this.#child.status;
    const how = status.signal ? `killed by ${status.signal}` : `ended with code ${status.code}`;
    // A signal comes from outside or from a crash: what was printed before explains only the latter.
    const killed = status.signal === 'SIGKILL' || status.signal === 'SIGTERM';
    const said = killed ? '' : this.#diagnostics.trim();
    const last = said.split('\n').at(-1) ?? '';
    const reason = last === '' ? how : `${how}: ${last.slice(0, 300)}`;
    this.#lost = new NexusError('ENGINE_LOST', `the engine process was lost: ${how}`, {
      hint: 'the job can be retried: the engine starts again by itself',
      stage: 'decode',
      ...(said === '' ? {} : { cause: new Error(said) }),
    });
    for (const receiver of [...this.#receivers.values()]) receiver.lost(this.#lost);
    this.#receivers.clear();
    return reason;
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function unexpected(): NexusError {
  return asNexusError(new Error('unexpected answer of the engine'));
}
