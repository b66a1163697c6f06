import { type CircuitInput, FIELD } from '../../circuits/mod.ts';
import type { FieldHash } from '../../feeds/ledger/mod.ts';
import { Cheating, looseBits, randomElements } from './cheating.ts';

const SOURCE = 'circuits/src/epoch_total.circom';
const MAIN = 'EpochTotal(4, 8, 53)';

/** How large the circuit is that is tried. */
export interface TotalSize {
  perLeaf: number;
  bits: number;
}

export const REAL_TOTAL: TotalSize = { perLeaf: 8, bits: 53 };
/** The same, smaller: it is compiled in seconds. */
export const SMALL_TOTAL: TotalSize = { perLeaf: 2, bits: 8 };

/** The circuit and its program for cheats. */
export function totalCheating({ perLeaf, bits }: TotalSize, level: 'O1' | 'O2') {
  return Cheating.of(
    SOURCE,
    (text) => text.replace(MAIN, `EpochTotal(4, ${perLeaf}, ${bits})`),
    (text) =>
      looseBits(text)
        .replace('total === sum;', '')
        .replace('root === node[0].out;', ''),
    level,
  );
}

const numberOf = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);

/** Inputs for any amounts, with the root and the sum that they lead to in the field. */
export function totalInputs<E>(
  field: FieldHash<E>,
  { perLeaf }: TotalSize,
  amounts: readonly bigint[],
  seed = 1,
): Record<'amounts' | 'names', bigint[]> & Record<'root' | 'total' | 'context', bigint> {
  const random = randomElements(seed);
  const names = amounts.map(() => random());
  const leaves = Array.from({ length: 4 }, (_, leaf) => {
    const places = Array.from({ length: perLeaf }, (_, i) => leaf * perLeaf + i);
    return field.hash(places.flatMap((i) => [amounts[i]!, names[i]!]));
  });
  const sides = [field.hash(leaves.slice(0, 2)), field.hash(leaves.slice(2))];
  const root = numberOf(field.toBytes(field.hash(sides)));
  const total = amounts.reduce((sum, one) => (sum + one) % FIELD, 0n);
  return { root, total, context: random(), amounts: [...amounts], names };
}

/** Amounts that a circuit of a size takes: its edges among them. */
export function honestAmounts({ perLeaf, bits }: TotalSize, seed: number): bigint[] {
  const random = randomElements(seed);
  return Array.from({ length: 4 * perLeaf }, (_, i) => {
    if (i === 0) return 0n;
    return i === 1 ? 2n ** BigInt(bits) - 1n : random() % 2n ** BigInt(bits);
  });
}

/** A witness that breaks one rule, and which signals stand in the constraints that notice it. */
export interface Cheat {
  name: string;
  /** Of each constraint that it violates, written without the compiler's last optimisation. */
  blames: RegExp;
  input: CircuitInput;
  change?: Parameters<Cheating['witness']>[1];
}

/** One for each group of constraints at least, each breaking only that one. */
export function totalCheats<E>(field: FieldHash<E>, size: TotalSize): Cheat[] {
  const honest = honestAmounts(size, 7);
  const inputs = (change: (amounts: bigint[]) => void) => {
    const amounts = [...honest];
    change(amounts);
    return totalInputs(field, size, amounts);
  };
  const input = inputs(() => {});
  const beyond = 2n ** BigInt(size.bits);
  const range = /range\[\d+\]\.out/;
  return [
    {
      name: 'range: a negative amount, hidden by others',
      blames: range,
      input: inputs((amounts) => amounts[2] = FIELD - 5n),
    },
    {
      name: 'range: the first number beyond it',
      blames: range,
      input: inputs((amounts) => amounts[2] = beyond),
    },
    {
      name: 'range: the largest of the field',
      blames: range,
      input: inputs((amounts) => amounts[2] = FIELD - 1n),
    },
    {
      name: 'range: a bit that is none',
      blames: range,
      input: inputs((amounts) => amounts[2] = FIELD - 5n),
      change: ({ set }) => {
        for (let i = 0; i < size.bits; i++) set(`range[2].out[${i}]`, i === 0 ? -5n : 0n);
      },
    },
    {
      name: 'sum: one more',
      blames: /(^| )main\.total( |$)/,
      input: { ...input, total: input.total + 1n },
    },
    {
      name: 'sum: modulo the field',
      blames: /(^| )main\.total( |$)/,
      input: { ...input, total: FIELD - input.total },
    },
    {
      name: 'leaf: another receipt than the one that is hashed',
      blames: /main\.(names\[3\]|leaf\[)/,
      input,
      change: ({ get, set }) => set('names[3]', get('names[3]') + 1n),
    },
    {
      name: 'tree: another root',
      blames: /main\.root/,
      input: { ...input, root: input.root + 1n },
    },
    {
      name: 'tree: the sides exchanged',
      blames: /main\.root/,
      input: swapped(field, input, size),
    },
    {
      name: 'context: another one than what was bound',
      blames: /main\.context/,
      input,
      change: ({ get, set }) => set('context', get('context') + 1n),
    },
  ];
}

/** The root of the tree whose upper sides were exchanged. */
function swapped<E>(field: FieldHash<E>, input: ReturnType<typeof totalInputs>, size: TotalSize) {
  const { perLeaf } = size;
  const half = 2 * perLeaf;
  const turn = (list: readonly bigint[]) => [...list.slice(half), ...list.slice(0, half)];
  const leaves = Array.from({ length: 4 }, (_, leaf) => {
    const places = Array.from({ length: perLeaf }, (_, i) => leaf * perLeaf + i);
    const [amounts, names] = [turn(input.amounts), turn(input.names)];
    return field.hash(places.flatMap((i) => [amounts[i]!, names[i]!]));
  });
  const sides = [field.hash(leaves.slice(0, 2)), field.hash(leaves.slice(2))];
  return { ...input, root: numberOf(field.toBytes(field.hash(sides))) };
}
