import { equalBytes, toHex } from '../base/mod.ts';
import type { CanaryRecord, CanaryRevealRecord } from '../records/mod.ts';
import { type Audit, isAlarm } from './audit.ts';
import type { Auditors } from './auditors.ts';
import { canaryPlan, isPlanted } from './canary.ts';
import type { Executors } from './executors.ts';
import type { Known } from './logs.ts';
import type { Hex, Place, Subject } from './types.ts';
import type { World } from './world.ts';

/** Plans of one author that may wait to be opened. */
const MOST_PLANS = 64;

/** What {@link Canaries} knows. */
export type CanariesState = Map<Hex, Plan[]>;

interface Plan {
  place: Place;
  plan: Uint8Array;
}

/** What an opened plan is compared with, and what it changes. */
interface Opened {
  find: (job: Hex, attempt: number) => Audit | undefined;
  auditors: Auditors;
  executors: Executors;
}

/**
 * Planted jobs, and who judged them wrongly. A witness's plan counts; anybody else's only where most
 * auditors of the job found what it says, since its author may have lied about what it planted. What
 * a witness planted with itself is taken out of its record.
 */
export class Canaries {
  #plans = new Map<Hex, Plan[]>();
  readonly #witnesses: ReadonlyMap<Hex, number>;

  constructor(witnesses: ReadonlyMap<Hex, number>) {
    this.#witnesses = witnesses;
  }

  state(): CanariesState {
    return this.#plans;
  }

  load(state: CanariesState): void {
    this.#plans = state;
  }

  plan({ owner, place, record }: Known<CanaryRecord>): void {
    const plans = this.#plans.get(owner) ?? [];
    plans.push({ place, plan: record.plan.slice() });
    if (plans.length > MOST_PLANS) plans.shift();
    this.#plans.set(owner, plans);
  }

  /**
   * The last cut in which a plan may show that a subject whose audit ends now was planted; null where
   * there is no plan that could. A bounded wait: its executor chooses neither whether the audits of
   * others' jobs count, nor, beyond that, when. As long as a round of auditors may take, so that a
   * restart at the wrong time condemns nobody.
   */
  deadline({ executor, offer }: Subject, { cut, rules }: World): number | null {
    if (!this.#witnesses.has(executor)) return null;
    const plans = this.#plans.get(executor) ?? [];
    const isOpen = plans.some(({ place }) =>
      place.cut < offer.cut && !isStale(place, cut, rules.challengeCuts)
    );
    const { requestCuts, openCuts, commitCuts, revealCuts } = rules;
    return isOpen ? cut + requestCuts + openCuts + commitCuts + revealCuts : null;
  }

  reveal({ owner, ownerKey, place, record }: Known<CanaryRevealRecord>, by: Opened, world: World) {
    const plans = this.#plans.get(owner) ?? [];
    const at = plans.findIndex((one) => one.place.index === record.commit);
    const plan = plans[at];
    if (plan === undefined || !equalBytes(canaryPlan(ownerKey, record), plan.plan)) {
      return world.refuse('canary', place, 'no plan of its author says that');
    }
    plans.splice(at, 1);
    if (isStale(plan.place, world.cut, world.rules.challengeCuts)) {
      return world.refuse('canary', place, 'the plan is too old');
    }
    const judged = new Set<Audit>(), faults = new Set<string>();
    for (const [index, { job, attempt, honest }] of record.planted.entries()) {
      const audit = by.find(toHex(job), attempt);
      const fault = audit === undefined || audit.outcome === null
        ? 'a planted job is not audited, or not yet, or no more'
        : ![audit.attempt.requester, audit.attempt.executor].includes(owner)
        ? "a planted job is not of the plan's author"
        : audit.attempt.offer.cut <= plan.place.cut
        ? 'a planted job was older than the plan'
        : !isPlanted(record.salt, index, audit.attempt.keyHash)
        ? "a planted job's key is not that of the plan"
        : judged.has(audit)
        ? 'a job is planted twice'
        : null;
      if (fault !== null) faults.add(fault);
      else this.#count(owner, audit!, honest, by, world);
      if (audit !== undefined) judged.add(audit);
    }
    for (const fault of faults) world.refuse('canary', place, fault);
  }

  #count(
    author: Hex,
    { subject: { id, executor }, duties }: Audit,
    honest: boolean,
    { auditors, executors }: Opened,
    world: World,
  ): void {
    const verdicts = duties.flatMap(({ auditor, revealed }) =>
      revealed === null || revealed.finding === 'inconclusive'
        ? []
        : [{ auditor, isRight: isAlarm(revealed.finding) !== honest }]
    );
    const right = verdicts.filter(({ isRight }) => isRight).length;
    const isWitness = this.#witnesses.has(author);
    const counted = isWitness || 2 * right > verdicts.length;
    const excused = isWitness && author === executor && executors.of(executor).excuse(id);
    const judged = counted ? verdicts : [];
    const wrong = judged.filter(({ isRight }) => !isRight).map(({ auditor }) => auditor);
    world.emit({ type: 'canary', author, subject: id, honest, counted, excused, wrong });
    for (const { auditor } of judged) auditors.of(auditor).canaries++;
    for (const auditor of wrong) auditors.fault(auditor, id, 'canary', world);
  }
}

/** As old as what the fold has forgotten: nothing younger waits for it any more. */
function isStale({ cut }: Place, now: number, challengeCuts: number): boolean {
  return now - cut > 2 * challengeCuts;
}
