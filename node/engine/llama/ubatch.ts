/**
 * True if llama.cpp computes some row of a batch alone. It splits a batch into calls that take the
 * same number of rows from each of a run of consecutive sequence ids (`split_equal`, sequential, in
 * src/llama-batch.cpp), so a batch of several rows can still end in a call of one.
 * @param parts sequence id and number of rows, ascending ids
 */
export function hasLoneRow(parts: readonly { sequence: number; rows: number }[]): boolean {
  let left = parts.map(({ sequence, rows }) => ({ sequence, rows }));
  while (left.length > 0) {
    let run = 1;
    while (run < left.length && left[run]!.sequence === left[run - 1]!.sequence + 1) run++;
    const together = left.slice(0, run);
    const taken = Math.min(...together.map(({ rows }) => rows));
    if (run * taken === 1) return true;
    for (const part of together) part.rows -= taken;
    left = left.filter(({ rows }) => rows > 0);
  }
  return false;
}
