import { PRIME } from './field.ts';

/**
 * Chance that at least one of `wrong` rows is among `opened` that are drawn without repetition
 * (hypergeometric). A row with any wrong cell is a wrong row.
 */
export function catchProbability(
  { rows, wrong, opened }: { rows: number; wrong: number; opened: number },
): number {
  let missed = 1;
  for (let i = 0; i < Math.min(opened, rows); i++) {
    missed *= Math.max(0, rows - wrong - i) / (rows - i);
  }
  return 1 - missed;
}

/** Rows to open so that a share of wrong rows is caught with that probability. */
export function openingsFor(
  { rows, share, probability }: { rows: number; share: number; probability: number },
): number {
  const wrong = Math.max(1, Math.floor(rows * share));
  for (let opened = 1; opened < rows; opened++) {
    if (catchProbability({ rows, wrong, opened }) >= probability) return opened;
  }
  return rows;
}

/** Chance that a wrong row passes Freivalds' check with so many random vectors. */
export function freivaldsMiss(vectors: number): number {
  return PRIME ** -vectors;
}
