import { NexusError } from '../../feeds/base/mod.ts';
import type { MicroAnswer, MicroChallenge } from '../micro/mod.ts';
import type { RawChallenge, RawCommitment, RawOpening } from '../raw/mod.ts';
import { frameOf, splitFrames } from './frames.ts';
import { spawnProbe } from './spawn.ts';
import {
  answerFromWire,
  type Challenge,
  challengeToWire,
  commitmentFromWire,
  type FromProbe,
  openingFromWire,
  type ProbeInfo,
  type ToProbe,
} from './wire.ts';

/** A started probe: what the client needs of `Deno.ChildProcess`. */
export interface ProbeProcess {
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly status: Promise<unknown>;
  kill(signal: 'SIGKILL'): void;
}

export interface ProbeOptions {
  spawn?: () => ProbeProcess;
  /** After so long without a call the process is ended: it holds memory for nothing. ms */
  idleMs?: number;
}

interface Running {
  process: ProbeProcess;
  writer: WritableStreamDefaultWriter<Uint8Array>;
  frames: AsyncGenerator<unknown>;
}

/** The machine's probe: a process that is started by the first call and takes one at a time. */
export class Probe {
  readonly #spawn: () => ProbeProcess;
  readonly #idleMs: number;
  #running: Running | null = null;
  #busy = false;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #nextId = 1;

  constructor({ spawn = spawnProbe, idleMs = 30_000 }: ProbeOptions = {}) {
    this.#spawn = spawn;
    this.#idleMs = idleMs;
  }

  get pid(): number | null {
    return this.#running?.process.pid ?? null;
  }

  /** A call is under way. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Starts the process too, so that a challenge that follows is not timed with it. */
  async info(signal: AbortSignal): Promise<ProbeInfo> {
    return await this.#call({ op: 'info' }, signal) as ProbeInfo;
  }

  /**
   * Runs a challenge. A raw one ends with its commitment; its rows wait for {@link open}.
   * @throws {NexusError} `PROBE_BUSY`, `PROBE_LOST`, `PROBE_CLOSED`, `RAW_*`, `MICRO_*`, or the
   * signal's reason: the process is ended then, and with it the work
   */
  async run(challenge: RawChallenge, signal: AbortSignal): Promise<RawCommitment>;
  async run(challenge: MicroChallenge, signal: AbortSignal): Promise<MicroAnswer>;
  async run(challenge: Challenge, signal: AbortSignal): Promise<RawCommitment | MicroAnswer> {
    const ok = await this.#call({ op: 'run', challenge: challengeToWire(challenge) }, signal);
    return challenge.type === 'raw' ? commitmentFromWire(ok) : answerFromWire(ok);
  }

  /** Opens rows of the last product; once. @throws {NexusError} as {@link run} */
  async open(positions: readonly number[], signal: AbortSignal): Promise<RawOpening> {
    return openingFromWire(await this.#call({ op: 'open', positions }, signal));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call(message: WithoutId, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    if (this.#closed) throw lost('PROBE_CLOSED', 'the probe was closed');
    if (this.#busy) throw lost('PROBE_BUSY', 'the probe is at work on another challenge');
    this.#busy = true;
    clearTimeout(this.#timer);
    const stop = () => this.#running?.process.kill('SIGKILL');
    signal.addEventListener('abort', stop, { once: true });
    let answer: FromProbe;
    try {
      const running = this.#running ??= this.#start();
      answer = await this.#exchange(running, { ...message, id: this.#nextId++ } as ToProbe);
      this.#timer = setTimeout(() => void this.#end(), this.#idleMs);
    } catch (thrown) {
      await this.#end();
      signal.throwIfAborted();
      throw thrown;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#busy = false;
    }
    if ('error' in answer) throw NexusError.fromJSON(answer.error);
    return answer.ok;
  }

  async #exchange(running: Running, message: ToProbe): Promise<FromProbe> {
    let answer: FromProbe;
    try {
      await running.writer.write(frameOf(message));
      const { value, done } = await running.frames.next();
      if (done) throw new Error('its output ended');
      answer = value as FromProbe;
    } catch (cause) {
      throw lost('PROBE_LOST', 'the probe ended before it answered', cause);
    }
    if (answer?.id !== message.id) throw lost('PROBE_LOST', 'the probe answered another call');
    return answer;
  }

  #start(): Running {
    const process = this.#spawn();
    process.status.then(() => {
      if (this.#running?.process === process && !this.#busy) this.#running = null;
    }, () => {});
    return { process, writer: process.stdin.getWriter(), frames: splitFrames(process.stdout) };
  }

  async #end(): Promise<void> {
    clearTimeout(this.#timer);
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    try {
      running.process.kill('SIGKILL');
    } catch {
      // It has ended already.
    }
    await running.writer.abort().catch(() => {});
    await running.process.status.catch(() => {});
  }
}

type WithoutId = ToProbe extends infer T ? T extends ToProbe ? Omit<T, 'id'> : never : never;

function lost(code: string, message: string, cause?: unknown): NexusError {
  return new NexusError(code, message, {
    hint: 'challenge again; the probe starts again by itself',
    stage: 'fingerprint',
    ...(cause === undefined ? {} : { cause }),
  });
}
