/**
 * Do two nodes share one machine? Both are challenged alone and at once, interleaved in a drawn
 * order; who slows the other down shares its compute. Values in, values out.
 *
 * ```ts
 * for (const steps of sharingSchedule(nonce, SHARING_BLOCKS)) blocks.push(await challenge(steps));
 * const { verdict, slowdown, p } = decideSharing(blocks);
 * ```
 * @module
 */
export { decideSharing, MAX_BLOCKS, SHARING_BLOCKS } from './decide.ts';
export { sharingSchedule } from './schedule.ts';
export type { SharingBlock, SharingDecision, SharingRules, SharingStep } from './types.ts';
