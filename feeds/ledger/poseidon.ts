import { fromHex, taggedHash } from '../base/mod.ts';
import type { Hex } from '../trust/mod.ts';
import type { Account, MicroNcu, Payment } from './types.ts';

/**
 * Poseidon over the scalar field of BN254 as circomlib's circuits compute it (Grassi et al., USENIX
 * Security 2021), given from outside: loading it takes a second, and a hash 0.1 to 0.2 ms.
 */
export interface FieldHash<E> {
  /** Hashes 1 to 16 elements. */
  hash(inputs: readonly (E | bigint)[]): E;
  /** 32 bytes, big-endian. */
  toBytes(element: E): Uint8Array;
  /** Null where the bytes are not below the field's order. */
  fromBytes(bytes: Uint8Array): E | null;
}

/** Levels of the tree over accounts: a circuit's path has one length, for up to 2^20 accounts. */
export const ACCOUNT_DEPTH = 20;
/** Receipts that are hashed in one step: amount and job of each, the 16 inputs that Poseidon takes. */
export const RECEIPTS_PER_LEAF = 8;
/** Receipts of one batch: a tree of four leaves, which one circuit builds whole. */
export const RECEIPTS_PER_BATCH = 32;

const LEAVES_PER_BATCH = RECEIPTS_PER_BATCH / RECEIPTS_PER_LEAF;

/** An account's place in the tree, with all that a circuit needs to show it. */
export interface FieldPath {
  index: number;
  /** Inputs of the leaf. */
  leaf: readonly bigint[];
  /** From the leaf up, 32 bytes each. */
  siblings: readonly Uint8Array[];
}

/**
 * Inputs of an account's leaf: Poseidon(secret) of its identity (0 where there is none that is a field
 * element), reputation in ppm, bonded, available and owed micro-NCU, and the key's two halves of 128
 * bits, the first one first. Seven inputs against a node's two keep leaves and nodes apart.
 */
export function accountElements<E>(field: FieldHash<E>, account: Account): bigint[] {
  const { secret, reputation, bonded, available, owed, key } = account;
  const bytes = secret === null ? null : fromHex(secret, 32);
  const known = bytes !== null && field.fromBytes(bytes) !== null;
  const own = fromHex(key, 32);
  return [
    known ? numberOf(bytes) : 0n,
    ...[reputation, bonded, available, owed].map(BigInt),
    numberOf(own.subarray(0, 16)),
    numberOf(own.subarray(16)),
  ];
}

/**
 * The Poseidon tree over all accounts in the order of their keys: 20 levels, empty places are 0. Some
 * 0.6 ms an account: to be built beside the fold, never within it. Made after another one it hashes
 * only what has changed, and what stands right of a new account.
 */
export class FieldAccounts<E> {
  readonly #field: FieldHash<E>;
  readonly #places: ReadonlyMap<Hex, number>;
  readonly #leaves: readonly (readonly bigint[])[];
  readonly #levels: E[][];
  readonly #zeros: E[];

  /** @throws {RangeError} beyond 2^20 accounts */
  constructor(field: FieldHash<E>, accounts: readonly Account[], before?: FieldAccounts<E>) {
    if (accounts.length > 2 ** ACCOUNT_DEPTH) throw new RangeError('more accounts than places');
    const sorted = [...accounts].sort((a, b) => a.key < b.key ? -1 : 1);
    this.#field = field;
    this.#zeros = before === undefined ? zerosOf(field, ACCOUNT_DEPTH) : before.#zeros;
    this.#places = new Map(sorted.map(({ key }, index) => [key, index]));
    this.#leaves = sorted.map((account) => accountElements(field, account));
    const leaves = sorted.map(({ key }, index) => {
      const inputs = this.#leaves[index]!;
      const known = before === undefined ? undefined : before.#leafOf(key, inputs);
      return known ?? field.hash(inputs);
    });
    this.#levels = [leaves];
    for (let level = 0; level < ACCOUNT_DEPTH; level++) {
      const known = before === undefined ? null : {
        below: before.#levels[level]!,
        nodes: before.#levels[level + 1]!,
      };
      this.#levels.push(above(field, this.#levels[level]!, this.#zeros[level]!, known));
    }
  }

  /** The leaf of an account whose inputs are as they were. */
  #leafOf(key: Hex, inputs: readonly bigint[]): E | undefined {
    const index = this.#places.get(key);
    if (index === undefined) return undefined;
    const isSame = this.#leaves[index]!.every((input, i) => input === inputs[i]);
    return isSame ? this.#levels[0]![index] : undefined;
  }

  /** 32 bytes. */
  root(): Uint8Array {
    const top = this.#levels[ACCOUNT_DEPTH]![0] ?? this.#zeros[ACCOUNT_DEPTH]!;
    return this.#field.toBytes(top);
  }

  /** Null where there is no such account. */
  path(key: Hex): FieldPath | null {
    const index = this.#places.get(key);
    if (index === undefined) return null;
    const siblings = this.#zeros.slice(0, ACCOUNT_DEPTH).map((zero, level) => {
      const place = Math.floor(index / 2 ** level) ^ 1;
      return this.#field.toBytes(this.#levels[level]![place] ?? zero);
    });
    return { index, leaf: this.#leaves[index]!, siblings };
  }
}

/** What an account's receipts of an epoch come to, for circuits. */
export interface FieldReceipts {
  /** 32 bytes: the tree over the batches' roots, filled up with zeros to a power of two. */
  root: Uint8Array;
  /** 32 bytes each: a circuit shows the sum of one batch. Its receipts: amount, then job. */
  batches: readonly { root: Uint8Array; receipts: readonly (readonly [bigint, bigint])[] }[];
  total: MicroNcu;
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
  const batches: FieldReceipts['batches'][number][] = [];
  const roots: E[] = [];
  for (let at = 0; at === 0 || at < own.length; at += RECEIPTS_PER_BATCH) {
    const receipts = Array.from({ length: RECEIPTS_PER_BATCH }, (_, i) => {
      const payment = own[at + i];
      return payment === undefined ? [0n, 0n] as const : receiptElements(payment);
    });
    const leaves = Array.from({ length: LEAVES_PER_BATCH }, (_, i) => {
      const from = i * RECEIPTS_PER_LEAF;
      return field.hash(receipts.slice(from, from + RECEIPTS_PER_LEAF).flat());
    });
    const root = joined(field, leaves);
    roots.push(root);
    batches.push({ root: field.toBytes(root), receipts });
  }
  const total = own.reduce((sum, { net }) => sum + net, 0);
  return { root: field.toBytes(joined(field, roots)), batches, total };
}

/** A receipt: what the executor is to have, and 31 bytes of a hash that names the attempt. */
export function receiptElements({ job, attempt, net }: Payment): readonly [bigint, bigint] {
  const number = Uint8Array.of(attempt >> 8, attempt);
  const hash = taggedHash('nexus/receipt/1', fromHex(job, 32), number);
  return [BigInt(net), numberOf(hash.subarray(1))];
}

function joined<E>(field: FieldHash<E>, nodes: E[]): E {
  let level = nodes;
  for (let zero = zeroOf(field); level.length > 1; zero = field.hash([zero, zero])) {
    level = above(field, level, zero);
  }
  return level[0]!;
}

/** @param known the same two levels of a tree before, whose nodes are taken where nothing changed */
function above<E>(
  field: FieldHash<E>,
  nodes: readonly E[],
  zero: E,
  known: { below: readonly E[]; nodes: readonly E[] } | null = null,
): E[] {
  const pairs: E[] = [];
  for (let i = 0; i < nodes.length; i += 2) {
    const isSame = known !== null && known.below[i] === nodes[i] &&
      known.below[i + 1] === nodes[i + 1];
    pairs.push(
      isSame ? known.nodes[i / 2]! : field.hash([nodes[i]!, nodes[i + 1] ?? zero]),
    );
  }
  return pairs;
}

function zerosOf<E>(field: FieldHash<E>, depth: number): E[] {
  const zeros = [zeroOf(field)];
  for (let level = 0; level < depth; level++) {
    zeros.push(field.hash([zeros[level]!, zeros[level]!]));
  }
  return zeros;
}

function zeroOf<E>(field: FieldHash<E>): E {
  return field.fromBytes(new Uint8Array(32))!;
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}
