import {
  ackMessage,
  type ArtifactRecord,
  type ClaimRecord,
  digestMessage,
  type JobRecord,
  signerOf,
  signingBodyOf,
  type VerifyFunction,
} from '../records/mod.ts';
import type { ClaimEntry, Entry, SettleEntry } from './entries.ts';
import { bytesOf, type Key } from './keys.ts';

/** Verifications under way at most; more only takes memory. */
const PENDING_MAX = 2048;

/** Checks signatures beside the fold: results arrive when they are there, {@link settled} waits. */
export class Signatures {
  #verify: VerifyFunction;
  #pending: Promise<void>[] = [];

  constructor(verify: VerifyFunction) {
    this.#verify = verify;
  }

  /** True if it is time to wait before more is asked for. */
  get full(): boolean {
    return this.#pending.length >= PENDING_MAX;
  }

  /** Waits for every check so far. */
  async settled(): Promise<void> {
    while (this.#pending.length > 0) await Promise.all(this.#pending.splice(0));
  }

  check(
    key: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
    then: (ok: boolean) => void,
  ): void {
    const result = this.#verify(key, message, signature);
    if (typeof result === 'boolean') then(result);
    else this.#pending.push(result.then(then));
  }

  /** The author's signature inside a record, given the record's bytes. */
  record(record: JobRecord | ArtifactRecord, bytes: Uint8Array, bad: () => void): void {
    this.check(signerOf(record), signingBodyOf(bytes), record.signature, (ok) => {
      if (!ok) bad();
    });
  }

  /** The requester's acknowledgement in a claim. */
  claim(record: ClaimRecord, entry: ClaimEntry, bad: () => void): void {
    const message = ackMessage(record.job, record.attempt, record.ack.tokens);
    this.check(record.requester, message, record.ack.signature, (ok) => {
      entry.valid = ok;
      if (!ok) bad();
    });
  }

  /** The executor's running digest in a settlement. @param offer hash of the `job` entry */
  digest(offer: Key, settle: SettleEntry): void {
    const { digest } = settle;
    const { tokens, signature } = digest!;
    const message = digestMessage(bytesOf(offer), tokens, bytesOf(digest!.digest));
    this.check(bytesOf(settle.executor), message, bytesOf(signature), (ok) => {
      digest!.valid = ok;
    });
  }
}

/**
 * True if the executor's own log holds the digest that a settlement cites: then its signature
 * proves nothing new.
 * @param entries of the same attempt
 */
export function digestStandsInLog(settle: SettleEntry, entries: readonly Entry[]): boolean {
  const digest = settle.digest!;
  return entries.some((entry) =>
    entry.type === 'artifact' && entry.log.owner === settle.executor &&
    entry.log.treeHash !== null && entry.tokens === digest.tokens && entry.root === digest.digest
  );
}
