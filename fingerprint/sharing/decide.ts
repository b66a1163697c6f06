import { median } from '../../feeds/base/mod.ts';
import type { SharingBlock, SharingDecision, SharingRules } from './types.ts';

/** Every way to flip the blocks' signs is looked at: 2^16 at most. */
export const MAX_BLOCKS = 16;

/**
 * Two products of all threads on one machine take twice the time; 1.3 leaves room for processors
 * whose clock falls when all cores are busy, and for runs that overlap by half.
 */
const SHARING_RULES: SharingRules = { alpha: 0.005, slowdown: 1.3, overlap: 0.5 };
/** Eight could just reach that alpha; with twelve, one or two that something else disturbed do not matter. */
export const SHARING_BLOCKS = 12;
/** Chance that two on one machine are held apart. */
const CLEARED = 0.05;

/**
 * Whether two nodes slow each other down. Where they do not, `together` and `alone` can be exchanged
 * within a block, so that p is exact whatever the noise (Fisher's randomisation test); accused is
 * only whom the slow-down convicts too, both of them.
 * @param blocks at most {@link MAX_BLOCKS} count
 */
export function decideSharing(
  blocks: readonly SharingBlock[],
  rules: SharingRules = SHARING_RULES,
): SharingDecision {
  const counted = blocks.filter((block) => isWhole(block) && block.overlap >= rules.overlap)
    .slice(0, MAX_BLOCKS);
  const a = counted.map((block) => Math.log(block.togetherA / block.aloneA));
  const b = counted.map((block) => Math.log(block.togetherB / block.aloneB));
  const both = a.map((value, i) => (value + b[i]!) / 2);
  const slowdown = { a: slowdownOf(a), b: slowdownOf(b) };
  const p = flipChance(both);
  // Nobody is harmed by this one: it needs less certainty.
  const excess = both.map((value) => Math.log(rules.slowdown) - value);
  const isSlow = Math.min(slowdown.a, slowdown.b) >= rules.slowdown;
  const verdict = p <= rules.alpha && isSlow
    ? 'shared'
    : flipChance(excess) <= CLEARED
    ? 'separate'
    : 'inconclusive';
  return { verdict, slowdown, p, blocks: counted.length };
}

function isWhole({ aloneA, aloneB, togetherA, togetherB }: SharingBlock): boolean {
  return [aloneA, aloneB, togetherA, togetherB].every((ms) => Number.isFinite(ms) && ms > 0);
}

/** Share of all sign flips whose sum is at least that of the values; 1 for none. */
function flipChance(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const ways = 2 ** values.length;
  let atLeast = 0;
  for (let way = 0; way < ways; way++) {
    let flipped = 0;
    for (let i = 0; i < values.length; i++) flipped += way >> i & 1 ? -values[i]! : values[i]!;
    // The identity is among them, whatever the rounding of its sum.
    if (way === 0 || flipped >= sum - 1e-12) atLeast++;
  }
  return atLeast / ways;
}

/** @param logs of its ratios */
function slowdownOf(logs: readonly number[]): number {
  return logs.length === 0 ? 1 : Math.exp(median(logs));
}
