import type { MicroTask } from './types.ts';

/** Words of a cache line. */
const STRIDE = 16;
const MIX = 0x2c1b3c6d;

// `| 0` on what is held keeps the compiler from going on in doubles, which it does in some runs only.

/** A task's work, to be done piece by piece. Where it ends is the same on every machine. */
export interface Chain {
  advance(steps: number): void;
  /** A u32. */
  end(): number;
}

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

/** The chain of a task; null where its steps end in nothing. */
export function chainOf(task: MicroTask, words: Int32Array): Chain | null {
  switch (task.kind) {
    case 'walk':
      return walk(words, task.seed);
    case 'stream':
      return stream(words);
    case 'multiply':
      return multiply(task.seed);
    case 'divide':
      return divide(task.seed);
    case 'branch':
      return branch(task.seed);
    default:
      return null;
  }
}

/** Each load's place follows from all before it: 64 bits of state, or it would soon go in a circle. */
function walk(words: Int32Array, seed: number): Chain {
  const lines = words.length / STRIDE;
  let held = seed | 0, heldSum = 0, heldAt = 0;
  return {
    advance(steps) {
      let state = held | 0, sum = heldSum | 0, at = heldAt | 0;
      for (let i = 0; i < steps; i++) {
        const word = words[at]!;
        sum = sum + word | 0;
        state = Math.imul(state ^ sum, MIX) ^ (state >>> 13);
        at = Math.imul((state >>> 0) * lines / 4294967296 | 0, STRIDE);
      }
      held = state, heldSum = sum, heldAt = at;
    },
    end: () => (heldSum ^ held) >>> 0,
  };
}

/** Sums in order, round and round. */
function stream(words: Int32Array): Chain {
  let heldSum = 0, from = 0;
  return {
    advance(steps) {
      let sum = heldSum | 0;
      while (steps > 0) {
        const to = Math.min(words.length, from + steps);
        for (let i = from; i < to; i++) sum = Math.imul(sum, 3) + words[i]! | 0;
        steps -= to - from;
        from = to % words.length;
      }
      heldSum = sum;
    },
    end: () => heldSum >>> 0,
  };
}

/** A cycle of all 2^32 values (Klimov and Shamir, A New Class of Invertible Mappings, CHES 2002). */
function multiply(seed: number): Chain {
  let held = seed | 1;
  return {
    advance(steps) {
      let x = held | 0;
      for (let i = 0; i < steps; i++) x = x + (Math.imul(x, x) | 5) | 0;
      held = x;
    },
    end: () => held >>> 0,
  };
}

/** Divisions are exact to the last bit by IEEE 754. Away from its fixed point, or it would rest. */
function divide(seed: number): Chain {
  let held = 1 + seed / 4294967296;
  return {
    advance(steps) {
      let x = held;
      for (let i = 0; i < steps; i++) {
        x = 3 / x;
        x = x > 1.5 ? x - 0.4375 : x + 0.8125;
      }
      held = x;
    },
    end: () => (held * 1048576 % 1 * 4294967296) >>> 0,
  };
}

/** One jump in two goes the other way than before, and none can be told. */
function branch(seed: number): Chain {
  let held = seed | 1, heldSum = 0;
  return {
    advance(steps) {
      let x = held | 0, sum = heldSum | 0;
      for (let i = 0; i < steps; i++) {
        x ^= x << 13;
        x ^= x >>> 17;
        x ^= x << 5;
        if ((x & 64) !== 0) sum = sum + (x >>> 3) | 0;
        else sum = Math.imul(sum, 5) ^ x;
      }
      held = x, heldSum = sum;
    },
    end: () => (held ^ heldSum) >>> 0,
  };
}
