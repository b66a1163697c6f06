/** A value of one of several iterations. */
export interface Numbered<T> {
  index: number;
  value: T;
}

/**
 * Values of all iterations as they come, each iteration at its reader's pace: of each one value at
 * most waits here. The first that throws ends the whole; the others are left to the caller's signal
 * and run out by themselves.
 */
export async function* merge<T>(
  iterations: readonly AsyncGenerator<T, void, void>[],
): AsyncGenerator<Numbered<T>, void, void> {
  const pending = new Map<number, Promise<{ index: number; result: IteratorResult<T, void> }>>();
  const pull = (index: number) => {
    const next = iterations[index]!.next().then((result) => ({ index, result }));
    next.catch(() => {}); // told by the race
    pending.set(index, next);
  };
  iterations.forEach((_, index) => pull(index));
  try {
    while (pending.size > 0) {
      const { index, result } = await Promise.race(pending.values());
      if (result.done) {
        pending.delete(index);
        continue;
      }
      pull(index);
      yield { index, value: result.value };
    }
  } finally {
    for (const iteration of iterations) runOut(iteration);
  }
}

/** Reads an iteration to its end, which its signal brings about. */
async function runOut(iteration: AsyncGenerator<unknown, void, void>): Promise<void> {
  try {
    while (!(await iteration.next()).done);
  } catch { /* whoever stopped reading does not want to know */ }
}
