import { equalBytes, toHex } from '../base/mod.ts';
import { type Cut, CutView, type CutViewOptions } from '../agreement/mod.ts';
import {
  decodeRecord,
  type LogRecord,
  verifyEd25519,
  type VerifyFunction,
  verifyRecordSignature,
} from '../records/mod.ts';
import type { EvidenceLog } from './types.ts';

/** An identity's `attestations` log. */
export interface AttestationLog {
  /** Whose it is, hexadecimal. */
  identity: string;
  log: EvidenceLog;
}

/** The `attestations` logs among others, by the key of the log in hexadecimal: any may be a witness's. */
export async function attestationLogs(
  logs: readonly EvidenceLog[],
  verify: VerifyFunction = verifyEd25519,
): Promise<Map<string, AttestationLog>> {
  const found = new Map<string, AttestationLog>();
  for (const log of logs) {
    const identity = await identityOf(log.blocks[0] ?? null, log.key, verify);
    if (identity !== null) found.set(toHex(log.key), { identity, log });
  }
  return found;
}

/** Whose `attestations` log a core is by its first block, hexadecimal; null: it is none. */
export async function identityOf(
  first: Uint8Array | null,
  core: Uint8Array,
  verify: VerifyFunction,
): Promise<string | null> {
  const record = first === null ? null : recordOf(first);
  if (record?.type !== 'identity' || !equalBytes(record.attestations, core)) return null;
  return await verifyRecordSignature(record, verify) ? toHex(record.publicKey) : null;
}

/** Blocks of a log, as they are read; null: one that is not there. */
export type BlockSource = Iterable<Uint8Array> | AsyncIterable<Uint8Array | null>;

/** A log that may be a witness's: it is read while it is. */
export interface WitnessSource {
  /** Whose it is, hexadecimal. */
  identity: string;
  /** After the first. */
  blocks: BlockSource;
}

/** The cuts that the witnesses' logs certify, in order, from the first on: logs are read as they are needed. */
export async function* cutsIn(
  sources: readonly WitnessSource[],
  options: CutViewOptions,
): AsyncGenerator<Cut, void, void> {
  const view = new CutView(options);
  const cursors = sources.map(({ identity, blocks }) => ({ identity, cursor: new Cursor(blocks) }));
  for (let moved = true; moved;) {
    moved = false;
    for (const { identity, cursor } of cursors) {
      while (view.quorum.weightOf(identity) > 0) {
        const block = await cursor.block();
        if (block === undefined) break;
        const record = block === null ? null : recordOf(block);
        const taken = record === null ? null : await view.take(record);
        if (taken?.later === true) break;
        cursor.taken();
        moved = true;
        if (taken !== null && taken.cut !== null) yield taken.cut;
      }
    }
  }
}

class Cursor {
  readonly #iterator: AsyncIterator<Uint8Array | null> | Iterator<Uint8Array>;
  #block: Uint8Array | null | undefined;
  #read = false;

  constructor(source: BlockSource) {
    this.#iterator = Symbol.asyncIterator in source
      ? source[Symbol.asyncIterator]()
      : source[Symbol.iterator]();
  }

  /** The same until it was taken; undefined at the end. */
  async block(): Promise<Uint8Array | null | undefined> {
    if (this.#read) return this.#block;
    const { done, value } = await this.#iterator.next();
    this.#block = done ? undefined : value;
    this.#read = true;
    return this.#block;
  }

  taken(): void {
    this.#read = false;
  }
}

function recordOf(block: Uint8Array): LogRecord | null {
  try {
    return decodeRecord(block);
  } catch {
    return null; // counts for nothing, here as in the fold
  }
}
