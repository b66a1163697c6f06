import type { HiddenPosition, SampleStatement, Statement } from '../../circuits/mod.ts';
import { fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import { proverLines } from './lines.ts';
import { spawnProver } from './spawn.ts';
import {
  bigOf,
  type FromProver,
  hexOf,
  hiddenToJson,
  type Leaves,
  leavesToJson,
  statementToJson,
  type ToProver,
} from './wire.ts';

/** It gives its memory back when it had nothing to do for this long. */
const IDLE_MS = 30_000;
/** It is ended after a proof that left it larger than this, bytes. */
const MAX_RSS = 768 * 1024 * 1024;
/** Questions that wait at once, at most. */
const MAX_WAITING = 64;
/** Diagnostics that are kept, characters. */
const KEPT = 1000;

/** What we use of a child process. */
export interface ProverChild {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly status: Promise<unknown>;
  readonly pid: number;
  kill(signal: 'SIGKILL'): void;
}

/** A proof that was made. */
export interface MadeBytes {
  proof: Uint8Array;
  publics: bigint[];
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Answered = FromProver & { ok: true };

/** A process with what it was asked. */
interface Running {
  process: ProverChild;
  writer: WritableStreamDefaultWriter<Uint8Array>;
  waiting: Map<
    number,
    { resolve: (answer: FromProver) => void; reject: (error: NexusError) => void }
  >;
}

/**
 * The prover process of a node, started when it is needed. A process that dies loses what it was
 * asked, nothing else: whoever asked asks again.
 */
export class ProverProcess implements AsyncDisposable {
  readonly #spawn: () => ProverChild;
  #child: Running | null = null;
  #ended: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #next = 1;

  /** @param keys folder of keys beside those of the program */
  constructor(keys: string | null, spawn: () => ProverChild = () => spawnProver(keys)) {
    this.#spawn = spawn;
  }

  /** Of the running process; null while there is none. */
  get pid(): number | null {
    return this.#child?.process.pid ?? null;
  }

  /**
   * Makes a proof of sampling: some seconds.
   * @param key hash of the verification key under which it is to count
   * @throws {NexusError} `PROVER_LOST`, `PROVER_CLOSED`, `PROVER_BUSY`, and what `prove` throws
   */
  async prove(
    key: string,
    statement: SampleStatement,
    hidden: readonly HiddenPosition[],
    signal: AbortSignal,
  ): Promise<MadeBytes> {
    const { proof, publics } = await this.#ask(
      { op: 'prove', key, statement: statementToJson(statement), hidden: hiddenToJson(hidden) },
      signal,
    );
    return { proof: fromHex(proof), publics: publics.map(bigOf) };
  }

  /**
   * Checks leaves against a root, and a proof against its public inputs.
   * @param key hash of the verification key under which it was made: where that is not here, nothing is
   * said of the proof
   * @throws {NexusError} `PROOF_LEAF`, `PROOF_INVALID`, `PROOF_MALFORMED`, `PROOF_PUBLICS`, `KEY_…`, `PROVER_…`
   */
  async check(
    key: string,
    publics: readonly bigint[],
    proof: Uint8Array,
    leaves: Leaves,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#ask(
      {
        op: 'check',
        statement: 'sample',
        key,
        publics: publics.map(hexOf),
        proof: toHex(proof),
        leaves: leavesToJson(leaves),
      },
      signal,
    );
  }

  /**
   * Checks a proof of any statement against its public inputs.
   * @param key hash of the verification key under which it was made
   * @throws {NexusError} `PROOF_INVALID`, `PROOF_MALFORMED`, `PROOF_PUBLICS`, `KEY_…`, `PROVER_…`
   */
  async verify(
    statement: Statement,
    key: string,
    publics: readonly bigint[],
    proof: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    const asked = { key, publics: publics.map(hexOf), proof: toHex(proof) };
    await this.#ask({ op: 'check', statement, ...asked, leaves: null }, signal);
  }

  /** Ends it at once: what is in work is made again another time. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#kill();
    await this.#ended;
  }

  async #ask(message: DistributiveOmit<ToProver, 'id'>, signal: AbortSignal): Promise<Answered> {
    signal.throwIfAborted();
    if (this.#closed) throw lost('PROVER_CLOSED', 'the prover was closed');
    const child = this.#child ??= this.#start();
    const { writer, waiting } = child;
    if (waiting.size >= MAX_WAITING) throw lost('PROVER_BUSY', 'too many proofs wait');
    clearTimeout(this.#timer);
    const id = this.#next++;
    const answered = new Promise<FromProver>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
    });
    answered.catch(() => {}); // told below, unless nobody waits any more
    let abort = () => {};
    const stopped = new Promise<never>((_, reject) => abort = () => reject(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    const line = new TextEncoder().encode(JSON.stringify({ ...message, id }) + '\n');
    writer.write(line).catch(() => {}); // its end says more
    try {
      const answer = await Promise.race([answered, stopped]);
      if (answer.ok) return answer;
      throw NexusError.fromJSON(answer.error);
    } finally {
      signal.removeEventListener('abort', abort);
      // Nobody waits for what is in work: the process is better ended than left to finish it.
      if (signal.aborted && waiting.size === 1 && this.#child === child) this.#kill();
      waiting.delete(id);
      this.#rest();
    }
  }

  #start(): Running {
    const process = this.#spawn();
    const child: Running = { process, writer: process.stdin.getWriter(), waiting: new Map() };
    const said = tail(process.stderr);
    this.#ended = Promise.allSettled([process.status, this.#read(child)]).then(async () => {
      if (this.#child === child) this.#child = null;
      const what = (await said).trim();
      const error = lost('PROVER_LOST', `the prover has ended${what ? `: ${what}` : ''}`);
      for (const { reject } of child.waiting.values()) reject(error);
    });
    return child;
  }

  async #read(child: Running): Promise<void> {
    try {
      for await (const line of proverLines(child.process.stdout)) {
        const answer = JSON.parse(line) as FromProver;
        child.waiting.get(answer.id)?.resolve(answer);
        const isLast = this.#child === child && child.waiting.size <= 1;
        if (answer.rss > MAX_RSS && isLast) this.#kill();
      }
    } catch {
      if (this.#child === child) this.#kill();
    }
  }

  #rest(): void {
    if (this.#child === null || this.#child.waiting.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#kill(), IDLE_MS);
    if (typeof Deno !== 'undefined') Deno.unrefTimer(Number(this.#timer));
  }

  #kill(): void {
    clearTimeout(this.#timer);
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    try {
      child.process.kill('SIGKILL');
    } catch {
      // It has ended already.
    }
  }
}

/** The end of what a process says. */
async function tail(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const bytes of stream) text = (text + decoder.decode(bytes)).slice(-KEPT);
  } catch {
    // The end of the process says more.
  }
  return text;
}

function lost(code: string, message: string): NexusError {
  return new NexusError(code, message, {
    stage: 'prove',
    hint:
      'proofs are made again by themselves; nexus doctor says whether this machine is short of memory',
  });
}
