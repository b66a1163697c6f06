import { LOG_UNIT } from '../../feeds/trust/mod.ts';
import { sum, worstCells } from './null.ts';

/** Kept below the bound on the null mean, against the rounding of doubles. */
const MARGIN = 1e-9;
/** Share of the null in every alternative: no position clears its executor of all the others. */
const DOUBT = 0.01;

/**
 * Scores of the cells against one alternative: log e-values in units of 1/65536 nat, rounded down,
 * never falling from one cell to the next. The likelihood ratio against the bounded worst null,
 * made monotone by pooling adjacent violators (which keeps its mean there at 1).
 * @param tails see {@link worstTails}
 * @param alternative probabilities of the cells; their sum may be below 1
 */
export function cellScores(tails: readonly number[], alternative: readonly number[]): number[] {
  const scale = (1 - DOUBT) / Math.max(1, sum(alternative)) / (1 + MARGIN);
  const worst = worstCells(tails);
  const blocks: { p: number; q: number; cells: number }[] = [];
  alternative.forEach((weight, cell) => {
    const p = worst[cell]!;
    let block = { p, q: scale * weight + DOUBT * p, cells: 1 };
    for (let last = blocks.at(-1); last && last.q * block.p >= block.q * last.p;) {
      block = { p: last.p + block.p, q: last.q + block.q, cells: last.cells + block.cells };
      blocks.pop();
      last = blocks.at(-1);
    }
    blocks.push(block);
  });
  return blocks.flatMap(({ p, q, cells }) => {
    return new Array<number>(cells).fill(Math.floor(Math.log(q / p) * LOG_UNIT));
  });
}

/** Mean of the e-value under the bounded worst null: at most 1 for scores of {@link cellScores}. */
export function worstMean(tails: readonly number[], scores: readonly number[]): number {
  const worst = worstCells(tails);
  return sum(scores.map((score, cell) => worst[cell]! * Math.exp(score / LOG_UNIT)));
}

/** An alternative of which only a share of the positions is, the others being at the worst null. */
export function partly(
  tails: readonly number[],
  alternative: readonly number[],
  share: number,
): number[] {
  const worst = worstCells(tails);
  return alternative.map((weight, cell) => share * weight + (1 - share) * worst[cell]!);
}

/** Observed counts as probabilities; cells that were never seen get a little. */
export function smoothed(counts: readonly number[]): number[] {
  const total = sum(counts) + counts.length * SMOOTHING;
  return counts.map((count) => (count + SMOOTHING) / total);
}

const SMOOTHING = 0.5;
