import { equalBytes, toHex } from '../base/mod.ts';
import type { CanaryRecord, CanaryRevealRecord } from '../records/mod.ts';
import { type Audit, isAlarm } from './audit.ts';
import type { Auditors } from './auditors.ts';
import { canaryPlan } from './canary.ts';
import type { Known } from './logs.ts';
import type { Hex, Place } from './types.ts';
import type { World } from './world.ts';

/** Plans of one author that may wait to be opened. */
const MOST_PLANS = 64;

/**
 * Planted jobs, and who judged them wrongly. A witness's plan counts; anybody else's only where most
 * auditors of the job found what it says, since its author may have lied about what it planted.
 */
export class Canaries {
  readonly #plans = new Map<Hex, { place: Place; plan: Uint8Array }[]>();
  readonly #witnesses: ReadonlyMap<Hex, number>;

  constructor(witnesses: ReadonlyMap<Hex, number>) {
    this.#witnesses = witnesses;
  }

  plan({ owner, place, record }: Known<CanaryRecord>): void {
    const plans = this.#plans.get(owner) ?? [];
    plans.push({ place, plan: record.plan.slice() });
    if (plans.length > MOST_PLANS) plans.shift();
    this.#plans.set(owner, plans);
  }

  reveal(
    { owner, ownerKey, place, record }: Known<CanaryRevealRecord>,
    find: (job: Hex, attempt: number) => Audit | undefined,
    auditors: Auditors,
    world: World,
  ): void {
    const plans = this.#plans.get(owner) ?? [];
    const at = plans.findIndex((one) => one.place.index === record.commit);
    const plan = plans[at];
    if (plan === undefined || !equalBytes(canaryPlan(ownerKey, record), plan.plan)) {
      return world.refuse('canary', place, 'no plan of its author says that');
    }
    plans.splice(at, 1);
    const judged = new Set<Audit>();
    for (const { job, attempt, honest } of record.planted) {
      const audit = find(toHex(job), attempt);
      const fault = audit === undefined || audit.outcome === null
        ? 'a planted job is not audited, or not yet, or no more'
        : ![audit.attempt.requester, audit.attempt.executor].includes(owner)
        ? "a planted job is not of the plan's author"
        : audit.attempt.offer.cut <= plan.place.cut
        ? 'a planted job was older than the plan'
        : judged.has(audit)
        ? 'a job is planted twice'
        : null;
      if (fault !== null) world.refuse('canary', place, fault);
      else this.#count(owner, audit!, honest, auditors, world);
      if (audit !== undefined) judged.add(audit);
    }
  }

  #count(author: Hex, audit: Audit, honest: boolean, auditors: Auditors, world: World): void {
    const verdicts = audit.duties.flatMap(({ auditor, revealed }) =>
      revealed === null || revealed.finding === 'inconclusive'
        ? []
        : [{ auditor, isRight: isAlarm(revealed.finding) !== honest }]
    );
    const right = verdicts.filter(({ isRight }) => isRight).length;
    const counted = this.#witnesses.has(author) || 2 * right > verdicts.length;
    const subject = audit.subject.id;
    world.emit({ type: 'canary', author, subject, honest, counted });
    if (!counted) return;
    for (const { auditor, isRight } of verdicts) {
      auditors.of(auditor).canaries++;
      if (!isRight) auditors.fault(auditor, subject, 'canary', world);
    }
  }
}
