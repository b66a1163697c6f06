import { toHex } from '../base/mod.ts';
import { type Cut, CutView, type CutViewOptions, type WitnessWeight } from '../agreement/mod.ts';
import {
  decodeRecord,
  type LogRecord,
  verifyEd25519,
  type VerifyFunction,
  verifyRecordSignature,
} from '../records/mod.ts';
import type { EvidenceLog } from './types.ts';

/** The witnesses' `attestations` logs among others, by the key of the log in hexadecimal. */
export async function witnessLogs(
  logs: readonly EvidenceLog[],
  witnesses: readonly WitnessWeight[],
  verify: VerifyFunction = verifyEd25519,
): Promise<Map<string, EvidenceLog>> {
  const keys = new Set(witnesses.map(({ key }) => toHex(key)));
  const found = new Map<string, EvidenceLog>();
  for (const log of logs) {
    const first = log.blocks[0] === undefined ? null : recordOf(log.blocks[0]);
    if (first?.type !== 'identity' || !keys.has(toHex(first.publicKey))) continue;
    if (toHex(first.attestations) !== toHex(log.key)) continue;
    if (await verifyRecordSignature(first, verify)) found.set(toHex(log.key), log);
  }
  return found;
}

/** The cuts that the witnesses' logs certify, in order, from the first on. */
export function cutsOf(
  logs: Iterable<EvidenceLog>,
  network: Uint8Array,
  witnesses: readonly WitnessWeight[],
  verify: VerifyFunction = verifyEd25519,
): AsyncGenerator<Cut, void, void> {
  return cutsIn(Array.from(logs, ({ blocks }) => blocks.slice(1)), { network, witnesses, verify });
}

/** Blocks of a log, as they are read; null: one that is not there. */
export type BlockSource = Iterable<Uint8Array> | AsyncIterable<Uint8Array | null>;

/**
 * As {@link cutsOf}, of logs that are read as they are needed.
 * @param sources of each witness the blocks of its log after the first
 */
export async function* cutsIn(
  sources: readonly BlockSource[],
  options: CutViewOptions,
): AsyncGenerator<Cut, void, void> {
  const view = new CutView(options);
  const cursors = sources.map((source) => new Cursor(source));
  for (let moved = true; moved;) {
    moved = false;
    for (const cursor of cursors) {
      for (let block = await cursor.block(); block !== undefined; block = await cursor.block()) {
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
