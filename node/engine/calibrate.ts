import { type LayeredModel, MAX_ROWS } from './backend.ts';
import type { Threads } from './types.ts';

/** Time that the measurement may take, ms. */
const BUDGET_MS = 1500;
/** Lone rows a candidate. */
const ROWS = 6;
/** What keeping bits may cost: a setting that is faster than this share of it is taken instead. */
const WORTH = 0.9;

export interface CalibrateOptions {
  vocabularySize: number;
  contextSize: number;
  now: () => number;
  /** True when the measurement is to give up, because somebody waits. */
  awaited: () => boolean;
}

/**
 * Measures which numbers of threads are fastest for lone rows and for batches, on the machine as
 * busy as it is now. Settings that keep prefill and decode bit-equal (one thread, or a companion
 * row) win unless others are more than a tenth faster. Null where time ran out.
 */
export async function calibrate(
  model: LayeredModel,
  options: CalibrateOptions,
): Promise<Threads | null> {
  const { now, awaited, vocabularySize, contextSize } = options;
  const session = model.sessions[0]!;
  const deadline = now() + BUDGET_MS;
  const before = model.threads;
  const counts = [...new Set([1, Math.max(1, model.cores >> 1), model.cores])];
  const tokens = Array.from({ length: MAX_ROWS }, (_, i) => (i * 131 + 7) % vocabularySize);
  const chunk = tokens.slice(0, Math.min(MAX_ROWS, contextSize - ROWS - 3));

  /** Shortest time, ms; null once time is over. */
  const measure = async (threads: Threads, rows: readonly number[], times: number) => {
    model.threads = threads;
    let best = Infinity;
    for (let i = 0; i < times; i++) {
      if (now() > deadline || awaited()) return null;
      const start = now();
      await model.step([{ session, tokens: rows, logits: 'last' }]);
      best = Math.min(best, now() - start);
    }
    return best;
  };

  try {
    const batch: [number, number][] = [];
    for (const count of counts) {
      await session.rewind(0);
      const time = await measure({ single: count, batch: count, pad: false }, chunk, 1);
      if (time === null) return null;
      batch.push([count, time]);
    }
    const bestBatch = smallest(batch);
    const exact: [Threads, number][] = [], fast: [Threads, number][] = [];
    for (const count of counts) {
      for (const pad of count === 1 ? [false] : [true, false]) {
        await session.rewind(chunk.length);
        const threads = { single: count, batch: pad ? count : bestBatch, pad };
        const time = await measure(threads, [tokens[0]!], ROWS);
        if (time === null) return null;
        (count === 1 || pad ? exact : fast).push([threads, time]);
      }
    }
    const [keeping, keepingTime] = exact.reduce((a, b) => (b[1] < a[1] ? b : a));
    const faster = fast.filter(([, time]) => time < WORTH * keepingTime);
    return faster.length > 0 ? smallest(faster) : keeping;
  } finally {
    model.threads = before;
    await session.rewind(0);
  }
}

function smallest<T>(measured: readonly [T, number][]): T {
  return measured.reduce((a, b) => (b[1] < a[1] ? b : a))[0];
}
