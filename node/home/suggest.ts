/**
 * Edits (insertion, deletion, substitution, swap of neighbours) that turn `a` into `b`: the optimal
 * string alignment distance.
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [], last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, before[j - 2]! + 1);
      }
      row.push(cost);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}

/** The candidate that was probably meant by `word`, if any is near enough. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const bound = word.length <= 3 ? 1 : word.length <= 6 ? 2 : 3;
  if (word.length > 64) return undefined;
  let best: string | undefined, least = bound + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}
