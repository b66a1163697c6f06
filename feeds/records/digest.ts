import { taggedHash } from '../base/mod.ts';
import { u32s } from './commit.ts';

/** Tokens that one step of the running digest takes in. */
export const DIGEST_CHUNK = 16;

/** Running digest of no output yet: 32 bytes. */
export function digestStart(job: Uint8Array, attempt: number): Uint8Array {
  return taggedHash('nexus/digest-start/1', job, u32s([attempt]));
}

/**
 * One step over a chunk of output ids. Chunks are of {@link DIGEST_CHUNK} ids; only the last one of
 * an answer may be shorter. {@link RunningDigest} sees to that.
 */
export function digestUpdate(previous: Uint8Array, ids: readonly number[]): Uint8Array {
  return taggedHash('nexus/digest/1', previous, u32s(ids));
}

/**
 * The running digest over the output ids of one attempt. What it says after n tokens depends on
 * those ids alone, not on when it was asked before.
 */
export class RunningDigest {
  #chain: Uint8Array;
  #chunk: number[] = [];
  #tokens = 0;

  constructor(job: Uint8Array, attempt: number) {
    this.#chain = digestStart(job, attempt);
  }

  /** Ids taken in so far. */
  get tokens(): number {
    return this.#tokens;
  }

  /** Takes in the next output id; true if a chunk is now full and a signature is due. */
  push(id: number): boolean {
    this.#tokens++;
    if (this.#chunk.push(id) < DIGEST_CHUNK) return false;
    this.#chain = digestUpdate(this.#chain, this.#chunk);
    this.#chunk = [];
    return true;
  }

  /** Digest over all ids so far: 32 bytes. */
  digest(): Uint8Array {
    return this.#chunk.length === 0 ? this.#chain : digestUpdate(this.#chain, this.#chunk);
  }
}

/** The digest over a whole attempt's output ids. */
export function digestOf(job: Uint8Array, attempt: number, ids: readonly number[]): Uint8Array {
  const running = new RunningDigest(job, attempt);
  for (const id of ids) running.push(id);
  return running.digest();
}

/** What the executor signs with a running digest: 32 bytes. */
export function digestMessage(
  job: Uint8Array,
  attempt: number,
  tokens: number,
  digest: Uint8Array,
): Uint8Array {
  return taggedHash('nexus/digest-message/1', job, u32s([attempt, tokens]), digest);
}

/** What the requester signs to acknowledge `tokens` output tokens of an attempt: 32 bytes. */
export function ackMessage(job: Uint8Array, attempt: number, tokens: number): Uint8Array {
  return taggedHash('nexus/ack/1', job, u32s([attempt, tokens]));
}
