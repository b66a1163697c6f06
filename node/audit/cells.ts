import { LOGIT_SCORE_UNIT } from './margins.ts';

/** The cells of a statistic are ordered: a higher one is more suspicious. */
export const MARGIN_CELLS = 10;
export const B1_CELLS = 13;

/** Upper edges of the margin cells in nats; the first cell is a margin of exactly 0. */
const MARGIN_EDGES = [0, 1 / 32, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4].map((nats) =>
  nats * LOGIT_SCORE_UNIT
);
/** Largest absolute differences of the B1 cells, in steps of 1/16 nat. */
const B1_EDGES = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128];

/** Cell of a soft margin in units of 2^-26 nat; the last one is an infinite margin's. */
export function marginCell(margin: number): number {
  if (margin === Infinity) return MARGIN_CELLS - 1;
  const cell = MARGIN_EDGES.findIndex((edge) => margin <= edge);
  return cell < 0 ? MARGIN_CELLS - 2 : cell;
}

/** Cell of a B1 difference in -128..127. */
export function b1Cell(difference: number): number {
  return B1_EDGES.findIndex((edge) => Math.abs(difference) <= edge);
}

/** Mean absolute difference of counted B1 cells, at most, in steps of 1/16 nat. */
export function meanSteps(counts: readonly number[]): number {
  const total = counts.reduce((all, count) => all + count, 0);
  return counts.reduce((steps, count, cell) => steps + count * B1_EDGES[cell]!, 0) / total;
}

/** For each B1 cell, how many of the 256 differences lie in it. */
export function b1CellSizes(): number[] {
  const sizes = new Array<number>(B1_CELLS).fill(0);
  for (let difference = -128; difference < 128; difference++) sizes[b1Cell(difference)]!++;
  return sizes;
}
