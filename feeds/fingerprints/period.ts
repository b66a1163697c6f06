import { fromHex, taggedHash, toHex } from '../base/mod.ts';
import { drawAuditors, type Hex, type Pool } from '../trust/mod.ts';
import { combine } from './combine.ts';
import { contradictions } from './claims.ts';
import { backing, type Evidence, isWaiting, noEvidence } from './evidence.ts';
import type { Attested, Claim, Measured, PrintDuty, Refuted, UnattestedReason } from './types.ts';
import type { PrintWorld } from './world.ts';

/** Fewer challengers than these accuse nobody, and what they found is their word alone. */
export const LEAST_ACCUSERS = 2;

/** One draw of challengers until it is concluded. Plain data. */
export interface Period {
  executor: Hex;
  profile: Hex;
  /** As it stood when the challengers were drawn: what is said later is judged later. */
  claim: Claim;
  beacon: number;
  due: number;
  duties: PrintDuty[];
  /** What counts, by challenger. */
  measured: Map<Hex, Measured>;
  evidence: Evidence;
}

/** Cuts to measure in; the next draw comes after them, when nobody can tell. */
export function measuringCuts({ printEveryCuts }: PrintWorld['rules']): number {
  return Math.ceil(printEveryCuts / 2);
}

/**
 * True if a beacon draws challengers in this cut. The chance is such that every cut from `from` to
 * `by` is as likely: nobody can behave well, or claim little, for that one cut alone.
 */
export function isDrawnNow(
  beacon: Uint8Array,
  subject: Uint8Array,
  cut: number,
  { from, by }: { from: number; by: number },
): boolean {
  if (cut < from) return false;
  const hash = taggedHash('nexus/print-when/1', beacon, subject);
  const word = new DataView(hash.buffer, hash.byteOffset).getUint32(0);
  return cut >= by || Math.floor(word * (by - cut + 1) / 2 ** 32) === 0;
}

/** What draws are about: 32 bytes over the executor's key and the profile. */
export function subjectOf(executor: Hex, profile: Hex): Uint8Array {
  return taggedHash('nexus/print/1', fromHex(executor), fromHex(profile));
}

/** Draws the challengers of an executor: by weight, never itself; fewer where there are no more. */
export function drawPeriod(
  { executor, profile, claim }: Pick<Period, 'executor' | 'profile' | 'claim'>,
  beacon: { epoch: number; value: Uint8Array },
  pool: Pool,
  world: PrintWorld,
): Period {
  const { rules, cut } = world;
  const subject = subjectOf(executor, profile), out = new Set([executor]);
  const drawn = drawAuditors(
    beacon.value,
    toHex(subject),
    false,
    pool,
    out,
    rules.printChallengers,
  );
  const due = cut + measuringCuts(rules) - 1;
  const duties = drawn.map((challenger): PrintDuty => ({
    executor,
    profile,
    backendClass: claim.backendClass,
    challenger,
    beacon: beacon.epoch,
    draw: toHex(taggedHash('nexus/print-draw/1', beacon.value, subject, fromHex(challenger))),
    due,
    state: 'drawn',
    place: null,
  }));
  for (const duty of duties) world.emit({ type: 'print-duty', duty });
  const measured = new Map<Hex, Measured>();
  const evidence = noEvidence();
  return { executor, profile, claim, beacon: beacon.epoch, due, duties, measured, evidence };
}

/** Replaces a duty by one of another state: those that were told stay as they were. */
export function advance(period: Period, duty: PrintDuty, world: PrintWorld): void {
  period.duties = period.duties.map((one) => one.challenger === duty.challenger ? duty : one);
  world.emit({ type: 'print-duty', duty });
}

/** Takes what was said as soon as the logs show enough answers to who says it. */
export function takeBacked(period: Period, world: PrintWorld): void {
  const { evidence, duties, measured } = period;
  for (const duty of duties) {
    const { challenger, state } = duty, said = evidence.said.get(challenger);
    if (state !== 'drawn' || said === undefined) continue;
    if (backing(evidence, challenger).answered < world.rules.printRuns) continue;
    measured.set(challenger, said.measured);
    advance(period, { ...duty, state: 'attested', place: said.place }, world);
  }
}

/** Ends a duty of which nothing came that counts: who is to blame, as far as logs show. */
function giveUp(period: Period, duty: PrintDuty, world: PrintWorld): void {
  const { evidence } = period, { challenger } = duty;
  const said = evidence.said.get(challenger), { printRuns } = world.rules;
  if (said === undefined) {
    const state = isWaiting(evidence, challenger) ? 'stalled' : 'missed';
    return advance(period, { ...duty, state }, world);
  }
  const { place } = said, { asked } = backing(evidence, challenger);
  if (asked >= printRuns) return advance(period, { ...duty, state: 'stalled', place }, world);
  const detail = `it names ${asked} jobs of its own, ${printRuns} is the least`;
  world.refuse('print-unbacked', place, challenger, detail);
  advance(period, { ...duty, state: 'missed', place }, world);
}

/** True if nothing more can come of it that counts. */
export function isOver({ due, duties }: Period, cut: number): boolean {
  return cut >= due || duties.every(({ state }) => state !== 'drawn');
}

/** What came of a period. */
export interface Concluded {
  attested: Attested | null;
  /** Where those who measured it agree on no class, and yet on this. */
  refuted: Refuted | null;
  /** It says something of the claim. */
  isMeasured: boolean;
}

/**
 * Ends a period: a class that a majority of the drawn attests, or why there is none.
 * @param isWithdrawn the executor offers that class no more: who has not measured it yet could not
 */
export function conclude(
  period: Period,
  world: PrintWorld,
  isWithdrawn: boolean,
): Concluded {
  const { rules, cut } = world;
  for (const duty of period.duties) {
    if (duty.state === 'drawn' && !isWithdrawn) giveUp(period, duty, world);
  }
  const { executor, profile, claim, beacon, duties } = period;
  const of = (state: PrintDuty['state']) =>
    duties.filter((duty) => duty.state === state).map(({ challenger }) => challenger).sort();
  const by = of('attested'), missed = of('missed');
  const unanswered = [...of('unanswered'), ...of('stalled')].sort();
  const none = (reason: UnattestedReason) => {
    world.emit({ type: 'unattested', executor, profile, beacon, reason, missed, unanswered });
    return { attested: null, refuted: null, isMeasured: reason === 'disagreed' };
  };
  if (2 * by.length <= duties.length) {
    if (duties.length === 0) return none('nobody');
    if (2 * unanswered.length > duties.length) return none('unanswered');
    return none(isWithdrawn ? 'withdrawn' : 'missed');
  }
  const measured = by.map((challenger) => period.measured.get(challenger)!);
  const machine = combine(measured, rules.printTolerance);
  const contradicted = contradictions(claim, machine, measured, rules.printTolerance);
  const until = cut + rules.printExpireCuts, { backendClass } = claim;
  const accuse = () => {
    if (contradicted.length === 0 || by.length < LEAST_ACCUSERS) return null;
    const { place } = claim, figures = contradicted;
    world.emit({ type: 'claim-contradicted', executor, profile, place, figures, by });
    return { executor, profile, backendClass, figures, epoch: cut, until };
  };
  if (machine === null) {
    const refuted = accuse();
    return { ...none('disagreed'), refuted };
  }
  const attested: Attested = {
    executor,
    profile,
    backendClass,
    ...machine,
    beacon,
    epoch: cut,
    until,
    by,
    contradicted,
  };
  world.emit({ type: 'attested', attested });
  accuse();
  return { attested, refuted: null, isMeasured: true };
}
