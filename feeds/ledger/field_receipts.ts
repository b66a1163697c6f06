import { fromHex, numberOf, taggedHash } from '../base/mod.ts';
import type { Hex } from '../trust/mod.ts';
import { type FieldHash, fieldLevels, fieldPath, keyHalves } from './poseidon.ts';
import type { MicroNcu, Payment } from './types.ts';

/** Receipts that are hashed in one step: amount and job of each, the 16 inputs that Poseidon takes. */
export const RECEIPTS_PER_LEAF = 8;
/** Receipts of one batch: a tree of four leaves, which one circuit builds whole. */
export const RECEIPTS_PER_BATCH = 32;
/** Executors that are paid in one epoch, and batches of one of them: at most 2^20. */
export const RECEIPTS_DEPTH = 20;

const LEAVES_PER_BATCH = RECEIPTS_PER_BATCH / RECEIPTS_PER_LEAF;

/** One batch: a circuit shows its sum. Receipts: amount, then name; zeros where there is none. */
export interface FieldBatch {
  /** 32 bytes. */
  root: Uint8Array;
  receipts: readonly (readonly [bigint, bigint])[];
}

/** What an account's receipts of an epoch come to, for circuits. */
export interface FieldReceipts {
  /** 32 bytes: the tree over the batches' roots, filled up with zeros to a power of two. */
  root: Uint8Array;
  batches: readonly FieldBatch[];
  total: MicroNcu;
}

/** An executor's receipts with what leads from their root to that of the epoch. */
export interface PlacedReceipts extends FieldReceipts {
  index: number;
  /** From the leaf up, 32 bytes each. */
  siblings: readonly Uint8Array[];
}

/**
 * The Poseidon tree over what one account earned in one epoch. Receipts stand in the order of job and
 * attempt, in batches of 32, what is missing from the last being zeros.
 * @param payments any: those of other executors and epochs are left out
 */
export function fieldReceipts<E>(
  field: FieldHash<E>,
  executor: Hex,
  epoch: number,
  payments: readonly Payment[],
): FieldReceipts {
  const own = payments.filter((one) => one.executor === executor && one.epoch === epoch)
    .sort((a, b) => a.job === b.job ? a.attempt - b.attempt : a.job < b.job ? -1 : 1);
  const batches: FieldBatch[] = [];
  for (let at = 0; at === 0 || at < own.length; at += RECEIPTS_PER_BATCH) {
    const receipts = Array.from({ length: RECEIPTS_PER_BATCH }, (_, i) => {
      const payment = own[at + i];
      return payment === undefined ? [0n, 0n] as const : receiptElements(payment);
    });
    batches.push({ root: batchRoot(field, receipts), receipts });
  }
  const total = own.reduce((sum, { net }) => sum + net, 0);
  return { root: batchesRoot(field, batches.map(({ root }) => root)), batches, total };
}

/** Root of one batch, 32 bytes: what the circuit `epoch-total` computes. */
export function batchRoot<E>(
  field: FieldHash<E>,
  receipts: readonly (readonly [bigint, bigint])[],
): Uint8Array {
  const leaves = Array.from({ length: LEAVES_PER_BATCH }, (_, i) => {
    const from = i * RECEIPTS_PER_LEAF;
    return field.hash(receipts.slice(from, from + RECEIPTS_PER_LEAF).flat());
  });
  return rootOf(field, leaves);
}

/**
 * Root over the roots of an account's batches, 32 bytes: whoever has all of these can build it.
 * @throws {RangeError} where one of them is no element of the field
 */
export function batchesRoot<E>(field: FieldHash<E>, roots: readonly Uint8Array[]): Uint8Array {
  return rootOf(field, roots.map((bytes) => elementOf(field, bytes)));
}

/**
 * The Poseidon tree over all that was paid in an epoch: a leaf an executor in the order of their keys,
 * filled up with zeros to a power of two.
 */
export class FieldEpoch<E> {
  readonly #field: FieldHash<E>;
  readonly #own: ReadonlyMap<Hex, FieldReceipts>;
  readonly #places: ReadonlyMap<Hex, number>;
  readonly #levels: readonly (readonly E[])[];

  /** @param payments any: those of other epochs are left out */
  constructor(field: FieldHash<E>, epoch: number, payments: readonly Payment[]) {
    const byExecutor = new Map<Hex, Payment[]>();
    for (const payment of payments) {
      if (payment.epoch !== epoch) continue;
      const own = byExecutor.get(payment.executor);
      if (own === undefined) byExecutor.set(payment.executor, [payment]);
      else own.push(payment);
    }
    const keys = [...byExecutor.keys()].sort();
    this.#field = field;
    this.#places = new Map(keys.map((key, index) => [key, index]));
    this.#own = new Map(
      keys.map((key) => [key, fieldReceipts(field, key, epoch, byExecutor.get(key)!)]),
    );
    this.#levels = fieldLevels(
      field,
      keys.map((key) => receiptsLeaf(field, key, this.#own.get(key)!.root)),
    );
  }

  /** 32 bytes; zeros where nobody was paid. */
  root(): Uint8Array {
    const top = this.#levels.at(-1)![0];
    return top === undefined ? new Uint8Array(32) : this.#field.toBytes(top);
  }

  /** Null where the account was paid nothing. */
  of(executor: Hex): PlacedReceipts | null {
    const index = this.#places.get(executor), own = this.#own.get(executor);
    if (index === undefined || own === undefined) return null;
    return { ...own, index, siblings: fieldPath(this.#field, this.#levels, index) };
  }
}

/** Leaf of an executor in an epoch's tree: three inputs against a node's two. */
export function receiptsLeaf<E>(field: FieldHash<E>, executor: Hex, root: Uint8Array): E {
  return field.hash([...keyHalves(executor), elementOf(field, root)]);
}

/** A receipt: what the executor is to have, and 31 bytes of a hash that names the attempt. */
export function receiptElements({ job, attempt, net }: Payment): readonly [bigint, bigint] {
  const number = Uint8Array.of(attempt >> 8, attempt);
  const hash = taggedHash('nexus/receipt/1', fromHex(job, 32), number);
  return [BigInt(net), numberOf(hash.subarray(1))];
}

function rootOf<E>(field: FieldHash<E>, nodes: readonly E[]): Uint8Array {
  return field.toBytes(fieldLevels(field, nodes).at(-1)![0]!);
}

function elementOf<E>(field: FieldHash<E>, bytes: Uint8Array): E {
  const element = bytes.length === 32 ? field.fromBytes(bytes) : null;
  if (element === null) throw new RangeError('not an element of the field');
  return element;
}
