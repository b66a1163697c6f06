import type { HiddenPosition, SampleStatement, Statement } from '../../circuits/mod.ts';
import { fromHex, messageOf, NexusError, toHex } from '../../feeds/base/mod.ts';
import { proverLines } from './lines.ts';
import { killed, lost, type ProverChild, tail } from './running.ts';
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
/** It is ended after an answer that left it larger than this, bytes. */
const MAX_RSS = 768 * 1024 * 1024;
/** Questions that wait at once, at most. */
const MAX_WAITING = 64;
/** One that answers nothing for this long hangs: a proof takes a busy machine a minute. */
const HANGS_MS = 600_000;

/** A proof that was made. */
export interface MadeBytes {
  proof: Uint8Array;
  publics: bigint[];
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Answered = FromProver & { ok: true };

/** A process with its input. */
interface Running {
  process: ProverChild;
  writer: WritableStreamDefaultWriter<Uint8Array>;
}

/** What a process was asked, and by whom it is to be answered. */
interface Question {
  line: Uint8Array;
  child: Running;
  resolve: (answer: FromProver) => void;
  reject: (error: NexusError) => void;
}

/**
 * The prover process of a node, started when it is needed. A process that dies loses what it was
 * asked, nothing else: whoever asked asks again.
 */
export class ProverProcess implements AsyncDisposable {
  readonly #spawn: () => ProverChild;
  readonly #hangsMs: number;
  readonly #waiting = new Map<number, Question>();
  #child: Running | null = null;
  #ended: Promise<unknown> = Promise.resolve();
  /** Of rest while nothing waits, else of a process that hangs. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #next = 1;

  /** @param keys folder of keys beside those of the program */
  constructor(
    keys: string | null,
    spawn: () => ProverChild = () => spawnProver(keys),
    hangsMs = HANGS_MS,
  ) {
    this.#spawn = spawn;
    this.#hangsMs = hangsMs;
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
    await this.verify('sample', key, publics, proof, signal, leaves);
  }

  /**
   * Checks a proof of any statement against its public inputs.
   * @param key hash of the verification key under which it was made
   * @param leaves what is to be shown beside a proof of sampling
   * @throws {NexusError} `PROOF_INVALID`, `PROOF_MALFORMED`, `PROOF_PUBLICS`, `KEY_…`, `PROVER_…`
   */
  async verify(
    statement: Statement,
    key: string,
    publics: readonly bigint[],
    proof: Uint8Array,
    signal: AbortSignal,
    leaves: Leaves | null = null,
  ): Promise<void> {
    const shown = leaves && leavesToJson(leaves);
    const asked = { key, publics: publics.map(hexOf), proof: toHex(proof), leaves: shown };
    await this.#ask({ op: 'check', statement, ...asked }, signal);
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
    if (this.#waiting.size >= MAX_WAITING) throw lost('PROVER_BUSY', 'too many proofs wait');
    const isFirst = this.#child === null || this.#waiting.size === 0;
    const child = this.#child ??= this.#start();
    const id = this.#next++;
    const line = new TextEncoder().encode(JSON.stringify({ ...message, id }) + '\n');
    const answered = new Promise<FromProver>((resolve, reject) => {
      this.#send(id, { line, child, resolve, reject });
    });
    answered.catch(() => {}); // told below, unless nobody waits any more
    if (isFirst) this.#watch();
    let abort = () => {};
    const stopped = new Promise<never>((_, reject) => abort = () => reject(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    try {
      const answer = await Promise.race([answered, stopped]);
      if (answer.ok) return answer;
      throw NexusError.fromJSON(answer.error);
    } finally {
      signal.removeEventListener('abort', abort);
      // Nobody waits for what is in work: the process is better ended than left to finish it.
      if (this.#waiting.delete(id) && this.#waiting.size === 0) this.#kill();
    }
  }

  #send(id: number, question: Question): void {
    this.#waiting.set(id, question);
    question.child.writer.write(question.line).catch(() => {}); // its end says more
  }

  #start(): Running {
    let process: ProverChild;
    try {
      process = this.#spawn();
    } catch (thrown) {
      const why = `the prover cannot be started: ${messageOf(thrown)}`;
      throw lost('PROVER_LOST', why, thrown);
    }
    const child: Running = { process, writer: process.stdin.getWriter() };
    const said = tail(process.stderr);
    const ended = Promise.allSettled([process.status, this.#read(child)]).then(async () => {
      if (this.#child === child) this.#kill();
      const what = (await said).trim();
      this.#lose(child, lost('PROVER_LOST', `the prover has ended${what ? `: ${what}` : ''}`));
    });
    this.#ended = Promise.all([this.#ended, ended]);
    return child;
  }

  async #read(child: Running): Promise<void> {
    try {
      for await (const line of proverLines(child.process.stdout)) {
        const answer = JSON.parse(line) as FromProver;
        const question = this.#waiting.get(answer.id);
        if (question?.child === child) {
          this.#waiting.delete(answer.id);
          question.resolve(answer);
        }
        if (this.#child !== child) continue;
        if (answer.rss > MAX_RSS) this.#renew();
        this.#watch();
      }
    } catch {
      if (this.#child === child) this.#kill();
    }
  }

  /** Ends a process that grew too large; what it was asked beside goes to another one. */
  #renew(): void {
    const old = this.#child!;
    this.#kill();
    const left = [...this.#waiting].filter(([, { child }]) => child === old);
    if (left.length === 0) return;
    try {
      const child = this.#child = this.#start();
      for (const [id, question] of left) this.#send(id, { ...question, child });
    } catch (thrown) {
      this.#lose(old, thrown as NexusError);
    }
  }

  #lose(child: Running, error: NexusError): void {
    for (const [id, question] of this.#waiting) {
      if (question.child !== child) continue;
      this.#waiting.delete(id);
      question.reject(error);
    }
  }

  /** Counts anew how long it is silent. */
  #watch(): void {
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null) return;
    const rests = this.#waiting.size === 0;
    this.#timer = setTimeout(() => {
      this.#kill();
      this.#lose(child, lost('PROVER_LOST', 'the prover hung and was ended'));
    }, rests ? IDLE_MS : this.#hangsMs);
    if (typeof Deno !== 'undefined') Deno.unrefTimer(Number(this.#timer));
  }

  #kill(): void {
    clearTimeout(this.#timer);
    const child = this.#child;
    this.#child = null;
    if (child !== null) killed(child.process);
  }
}
