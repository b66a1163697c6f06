import type { MicroTask } from './types.ts';

/** Words of a cache line. */
const STRIDE = 16;
const MIX = 0x2c1b3c6d;

/**
 * A working set whose words each follow from the one before: none is known without all before it,
 * so that it has to be held (as in scrypt, RFC 7914). One word a line for walks, all for streams.
 */
export function fill({ kind, bytes, seed }: MicroTask): Int32Array {
  const words = new Int32Array(kind === 'walk' || kind === 'stream' ? bytes / 4 : 0);
  const stride = kind === 'walk' ? STRIDE : 1;
  for (let i = 0, s = seed | 0; i < words.length; i += stride) {
    s = Math.imul(s ^ (s >>> 15), MIX) + i | 0;
    words[i] = s ^= s >>> 12;
  }
  return words;
}

/** Runs a task's chain and returns where it ended, a u32: the same on every machine. */
export function runChain(task: MicroTask, words: Int32Array): number {
  switch (task.kind) {
    case 'walk':
      return walk(words, task.steps, task.seed);
    case 'stream':
      return stream(words, task.steps);
    case 'multiply':
      return multiply(task.steps, task.seed);
    case 'divide':
      return divide(task.steps, task.seed);
    case 'branch':
      return branch(task.steps, task.seed);
    default:
      return 0;
  }
}

/** Each load's place follows from all loads before it. */
function walk(words: Int32Array, steps: number, seed: number): number {
  const lines = words.length / STRIDE;
  let state = seed | 0, at = 0, sum = 0;
  for (let i = 0; i < steps; i++) {
    const word = words[at]!;
    sum = sum + word | 0;
    state = Math.imul(state ^ word, MIX) ^ (state >>> 13);
    at = Math.imul((state >>> 0) * lines / 4294967296 | 0, STRIDE);
  }
  return (sum ^ state) >>> 0;
}

function stream(words: Int32Array, passes: number): number {
  let sum = 0;
  for (let pass = 0; pass < passes; pass++) {
    for (let i = 0; i < words.length; i++) sum = sum + words[i]! | 0;
  }
  return sum >>> 0;
}

export function multiply(steps: number, seed: number): number {
  let x = seed | 1;
  for (let i = 0; i < steps; i++) x = Math.imul(x, MIX) + i | 0;
  return x >>> 0;
}

/** Divisions are exact to the last bit by IEEE 754; the seed's fraction starts the chain. */
function divide(steps: number, seed: number): number {
  let x = 1 + seed / 4294967296;
  for (let i = 0; i < steps; i++) x = 3 / x + 0.25;
  return (x * 1048576 % 1 * 4294967296) >>> 0;
}

/** One jump in two goes the other way than before, and none can be told. */
function branch(steps: number, seed: number): number {
  let x = seed | 1, sum = 0;
  for (let i = 0; i < steps; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    if ((x & 64) !== 0) sum = sum + (x >>> 3) | 0;
    else sum = Math.imul(sum, 5) ^ i;
  }
  return sum >>> 0;
}
