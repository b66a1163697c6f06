import {
  changedFigures,
  type ClaimedFigures,
  combine,
  type Figure,
  type Interval,
  type MachineClass,
  type Measured,
  standsTo,
} from '../../feeds/fingerprints/mod.ts';
import type { ClaimCheck, ClassChange } from './types.ts';

/** A machine's class as one challenger alone sees it: `combine` makes one of several. */
export function classOf(measured: Measured): MachineClass {
  return combine([measured]);
}

/**
 * How each figure of a claim stands to a class.
 * @param tolerance in 10,000; a claim is contradicted only beyond the interval that it widens
 */
export function checkClaim(
  claim: ClaimedFigures,
  machine: MachineClass,
  tolerance: number,
): ClaimCheck[] {
  const figures: Figure[] = ['prefill', 'decode', 'streamRate'];
  const checks = figures.map((figure): ClaimCheck => {
    const measured = machine[figure], claimed = claim[figure];
    if (measured === null) return { figure, claimed, measured, stands: 'unmeasured' };
    const stands = standsTo(claimed, measured, tolerance);
    return {
      figure,
      claimed,
      measured,
      stands: stands === 'above' ? 'contradicted' : stands,
    };
  });
  return [...checks, contextCheck(claim.context, machine.context)];
}

function contextCheck(claimed: number, measured: Interval): ClaimCheck {
  const stands = claimed > measured.high
    ? 'contradicted'
    : claimed > measured.low
    ? 'unmeasured'
    : 'within';
  return { figure: 'context', claimed, measured, stands };
}

/** How a machine's class has changed; null where it is the same: e.g. throttled, or a better one. */
export function classChange(
  from: MachineClass,
  to: MachineClass,
  tolerance: number,
): ClassChange | null {
  const figures = changedFigures(from, to, tolerance);
  return figures.length === 0 ? null : { figures, from, to };
}

/**
 * A short name for people: half-octaves of reading and writing speed and of the total, e.g. `p17 d13
 * t14`. Two machines may differ and share it; only intervals are compared.
 */
export function gradeOf(machine: Pick<MachineClass, 'prefill' | 'decode' | 'streamRate'>): string {
  const half = (rate: Interval) => Math.round(2 * Math.log2(Math.max(1, middle(rate) / 1000)));
  const total = machine.streamRate === null ? '' : ` t${half(machine.streamRate)}`;
  return `p${half(machine.prefill)} d${half(machine.decode)}${total}`;
}

function middle({ low, high }: Interval): number {
  return Math.sqrt(Math.max(1, low) * Math.max(1, high));
}
