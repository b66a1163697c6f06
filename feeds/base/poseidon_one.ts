import { FIELD_ORDER } from './field.ts';

/** Width of the state for one input, full rounds, partial rounds, bits of an element. */
const WIDTH = 2;
const FULL = 8;
const PARTIAL = 56;
const BITS = 254;

interface Parameters {
  /** One a round and element. */
  constants: bigint[];
  /** Row by row. */
  matrix: bigint[][];
}

let known: Parameters | null = null;

/**
 * Poseidon of one element over BN254, as circomlib computes it (Grassi et al., USENIX Security 2021).
 * The library for all widths takes two seconds to load; a new identity needs this one hash.
 * @param input from 0 to below {@link FIELD_ORDER}
 */
export function poseidonOne(input: bigint): bigint {
  if (input < 0n || input >= FIELD_ORDER) throw new RangeError('not an element of the field');
  const { constants, matrix } = known ??= parameters();
  let state = [0n, input];
  for (let round = 0; round < FULL + PARTIAL; round++) {
    const isFull = round < FULL / 2 || round >= FULL / 2 + PARTIAL;
    state = state.map((one, i) => {
      const sum = (one + constants[round * WIDTH + i]!) % FIELD_ORDER;
      return isFull || i === 0 ? fifthPower(sum) : sum;
    });
    state = matrix.map((row) => row.reduce((sum, one, j) => sum + one * state[j]!, 0n))
      .map((one) => one % FIELD_ORDER);
  }
  return state[0]!;
}

function fifthPower(value: bigint): bigint {
  const square = value * value % FIELD_ORDER;
  return square * square % FIELD_ORDER * value % FIELD_ORDER;
}

/** Round constants and matrix, drawn as the paper's reference script draws them (appendix F). */
function parameters(): Parameters {
  const next = grain();
  const element = (): bigint => {
    let value = 0n;
    for (let i = 0; i < BITS; i++) value = 2n * value + BigInt(next());
    return value;
  };
  const below = (): bigint => {
    for (;;) {
      const value = element();
      if (value < FIELD_ORDER) return value;
    }
  };
  const constants = Array.from({ length: WIDTH * (FULL + PARTIAL) }, below);
  const xs = Array.from({ length: 2 * WIDTH }, () => element() % FIELD_ORDER);
  const [left, right] = [xs.slice(0, WIDTH), xs.slice(WIDTH)];
  const matrix = left.map((x) => right.map((y) => inverse((x + y) % FIELD_ORDER)));
  return { constants, matrix };
}

/** The Grain LFSR in self-shrinking mode, seeded with the parameters. @returns the next bit */
function grain(): () => number {
  const seed = [[1, 2], [0, 4], [BITS, 12], [WIDTH, 12], [FULL, 10], [PARTIAL, 10]] as const;
  const bits = seed.flatMap(([value, length]) =>
    Array.from({ length }, (_, i) => value >> (length - 1 - i) & 1)
  );
  while (bits.length < 80) bits.push(1);
  const step = (): number => {
    const [a, b, c, d, e, f] = [62, 51, 38, 23, 13, 0].map((i) => bits[i]!);
    const bit = a! ^ b! ^ c! ^ d! ^ e! ^ f!;
    bits.shift();
    bits.push(bit);
    return bit;
  };
  for (let i = 0; i < 160; i++) step();
  return () => {
    for (;;) {
      const isKept = step() === 1, bit = step();
      if (isKept) return bit;
    }
  };
}

function inverse(value: bigint): bigint {
  let result = 1n, base = value;
  for (let power = FIELD_ORDER - 2n; power > 0n; power >>= 1n) {
    if (power & 1n) result = result * base % FIELD_ORDER;
    base = base * base % FIELD_ORDER;
  }
  return result;
}
