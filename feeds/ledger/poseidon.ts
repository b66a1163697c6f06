import { fromHex, numberOf } from '../base/mod.ts';
import type { Hex } from '../trust/mod.ts';
import type { Account } from './types.ts';

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
  return [
    known ? numberOf(bytes) : 0n,
    ...[reputation, bonded, available, owed].map(BigInt),
    ...keyHalves(key),
  ];
}

/** A key as two numbers of 128 bits, the first half first: whole, it need not be below the order. */
export function keyHalves(key: Hex): readonly [bigint, bigint] {
  const bytes = fromHex(key, 32);
  return [numberOf(bytes.subarray(0, 16)), numberOf(bytes.subarray(16))];
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

/**
 * Levels of a tree of so many leaves, from these up to the root, each filled up with empty subtrees to
 * a power of two: none of them stands in it.
 */
export function fieldLevels<E>(field: FieldHash<E>, leaves: readonly E[]): E[][] {
  const levels = [[...leaves]];
  for (let zero = zeroOf(field); levels.at(-1)!.length > 1; zero = field.hash([zero, zero])) {
    levels.push(above(field, levels.at(-1)!, zero));
  }
  return levels;
}

/** The other sides of the steps from a leaf up, 32 bytes each. @param levels {@link fieldLevels} */
export function fieldPath<E>(
  field: FieldHash<E>,
  levels: readonly (readonly E[])[],
  index: number,
): Uint8Array[] {
  const zeros = zerosOf(field, levels.length);
  return levels.slice(0, -1).map((nodes, level) => {
    const place = Math.floor(index / 2 ** level) ^ 1;
    return field.toBytes(nodes[place] ?? zeros[level]!);
  });
}

/**
 * The root that a leaf and its path lead to, 32 bytes; null where a side is no element of the field,
 * or the path does not end where the index does.
 */
export function fieldRoot<E>(
  field: FieldHash<E>,
  leaf: E,
  { index, siblings }: { index: number; siblings: readonly Uint8Array[] },
): Uint8Array | null {
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** siblings.length) return null;
  let node = leaf;
  for (const [level, bytes] of siblings.entries()) {
    const sibling = bytes.length === 32 ? field.fromBytes(bytes) : null;
    if (sibling === null) return null;
    const isRight = Math.floor(index / 2 ** level) % 2 === 1;
    node = field.hash(isRight ? [sibling, node] : [node, sibling]);
  }
  return field.toBytes(node);
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
