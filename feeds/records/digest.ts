import { taggedHash } from '../base/mod.ts';
import { u32s } from './commit.ts';

/** Tokens of one leaf of the output's Merkle tree. */
const DIGEST_CHUNK = 16;

/** Which attempt an output belongs to, and the secret that salts what is public of it. */
export interface Salted {
  /** 32 secret bytes. */
  jobKey: Uint8Array;
  job: Uint8Array;
  attempt: number;
}

/**
 * One leaf: up to {@link DIGEST_CHUNK} output ids, one artifact byte each. Salted: whoever lacks the
 * job key cannot confirm a guess of the answer.
 */
export function chunkLeaf(
  { jobKey, job, attempt }: Salted,
  index: number,
  ids: readonly number[],
  bytes: readonly number[],
): Uint8Array {
  const place = u32s([attempt, index]);
  const salt = taggedHash('nexus/chunk-salt/1', jobKey, job, place);
  return taggedHash('nexus/chunk/1', salt, job, place, u32s(ids), Uint8Array.from(bytes));
}

const join = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  taggedHash('nexus/chunk-node/1', left, right);

/**
 * The running digest of one attempt's output: the root of a Merkle tree (RFC 6962's shape) over its
 * chunks of ids and bytes. After the last token it is the artifact's `root`; before, it commits to
 * what is there so far in the same way, so that an attempt whose executor died is audited alike.
 */
export class RunningDigest {
  readonly #of: Salted;
  /** Roots of the full subtrees, the largest first: chunk i closes one for each trailing 1 of i. */
  readonly #peaks: Uint8Array[] = [];
  #chunks = 0;
  #ids: number[] = [];
  #bytes: number[] = [];

  constructor(of: Salted) {
    this.#of = of;
  }

  /** Tokens taken in so far. */
  get tokens(): number {
    return this.#chunks * DIGEST_CHUNK + this.#ids.length;
  }

  /** Takes in the next output id with its artifact byte; true if that filled a chunk. */
  push(id: number, byte: number): boolean {
    this.#bytes.push(byte);
    if (this.#ids.push(id) < DIGEST_CHUNK) return false;
    let node = this.#leaf();
    for (let n = this.#chunks; n % 2 === 1; n = (n - 1) / 2) node = join(this.#peaks.pop()!, node);
    this.#peaks.push(node);
    this.#chunks++;
    this.#ids = [];
    this.#bytes = [];
    return true;
  }

  /** Root over all tokens so far: 32 bytes. It depends on them alone, not on earlier calls. */
  digest(): Uint8Array {
    const peaks = this.#ids.length === 0 ? [...this.#peaks] : [...this.#peaks, this.#leaf()];
    return peaks.length === 0
      ? this.#leaf()
      : peaks.reduceRight((right, left) => join(left, right));
  }

  #leaf(): Uint8Array {
    return chunkLeaf(this.#of, this.#chunks, this.#ids, this.#bytes);
  }
}

/** The digest over a whole attempt's output ids and their artifact bytes. */
export function digestOf(
  of: Salted,
  ids: readonly number[],
  bytes: Uint8Array | readonly number[],
): Uint8Array {
  const running = new RunningDigest(of);
  ids.forEach((id, i) => running.push(id, bytes[i]!));
  return running.digest();
}

/**
 * What the executor signs with a running digest: 32 bytes. It names the offer that it answers, so that
 * whoever offers one attempt in two ways cannot turn one answer against the other.
 * @param offer `recordHash` of the `job` record
 */
export function digestMessage(
  offer: Uint8Array,
  tokens: number,
  digest: Uint8Array,
): Uint8Array {
  return taggedHash('nexus/digest-message/2', offer, u32s([tokens]), digest);
}

/** What the requester signs to acknowledge `tokens` output tokens of an attempt: 32 bytes. */
export function ackMessage(job: Uint8Array, attempt: number, tokens: number): Uint8Array {
  return taggedHash('nexus/ack/1', job, u32s([attempt, tokens]));
}
