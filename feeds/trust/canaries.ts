import { equalBytes, toHex } from '../base/mod.ts';
import type { CanaryRecord, CanaryRevealRecord } from '../records/mod.ts';
import type { Attempt } from './attempt.ts';
import { type Audit, isAlarm } from './audit.ts';
import type { Auditors } from './auditors.ts';
import { canaryPlan, isPlanted } from './canary.ts';
import type { Executors } from './executors.ts';
import type { Known } from './logs.ts';
import type { Hex, Place, Subject } from './types.ts';
import type { Weights } from './weights.ts';
import type { World } from './world.ts';

/** Plans of one author that may wait to be opened. */
const MOST_PLANS = 64;
/** Attempts of one author whose plans were opened before their audits were over. */
const MOST_EARLY = 256;

/** What {@link Canaries} knows. */
export interface CanariesState {
  plans: Map<Hex, Plan[]>;
  early: Map<Hex, Set<string>>;
}

interface Plan {
  place: Place;
  plan: Uint8Array;
}

/** What an opened plan is compared with, and what it changes. */
interface Opened {
  find: (job: Hex, attempt: number) => { attempt?: Attempt | undefined; audit?: Audit | undefined };
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
  #early = new Map<Hex, Set<string>>();
  readonly #witnesses: Weights;

  constructor(witnesses: Weights) {
    this.#witnesses = witnesses;
  }

  state(): CanariesState {
    return { plans: this.#plans, early: this.#early };
  }

  load({ plans, early }: CanariesState): void {
    this.#plans = plans;
    this.#early = early;
  }

  plan({ owner, place, record }: Known<CanaryRecord>): void {
    const plans = this.#plans.get(owner) ?? [];
    plans.push({ place, plan: record.plan.slice() });
    if (plans.length > MOST_PLANS) plans.shift();
    this.#plans.set(owner, plans);
  }

  /** True once for a subject whose plan was opened too early to judge anybody by it. */
  wasOpened({ job, attempt, executor }: Subject): boolean {
    return this.#early.get(executor)?.delete(`${job}:${attempt}`) ?? false;
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
    const seen = new Set<string>(), faults = new Set<string>();
    for (const [index, { job, attempt: number, honest }] of record.planted.entries()) {
      const name = `${toHex(job)}:${number}`;
      const { attempt, audit } = by.find(toHex(job), number);
      const fault = attempt === undefined
        ? 'a planted job is not known, or not yet, or no more'
        : ![attempt.requester, attempt.executor].includes(owner)
        ? "a planted job is not of the plan's author"
        : attempt.offer.cut <= plan.place.cut
        ? 'a planted job was older than the plan'
        : !isPlanted(record.salt, index, attempt.keyHash)
        ? "a planted job's key is not that of the plan"
        : seen.has(name)
        ? 'a job is planted twice'
        : null;
      seen.add(name);
      if (fault !== null) faults.add(fault);
      else if (audit !== undefined && audit.outcome !== null) {
        this.#count(owner, audit, honest, by, world);
      } else if (this.#witnesses.has(owner) && attempt!.executor === owner) {
        this.#remember(owner, name);
      } else faults.add('a planted job is not audited, or not yet');
    }
    for (const fault of faults) world.refuse('canary', place, fault);
  }

  /** What was shown while its audit went on judges nobody: its auditors could have read it. */
  #remember(author: Hex, name: string): void {
    const early = this.#early.get(author) ?? new Set();
    early.add(name);
    if (early.size > MOST_EARLY) early.delete(early.values().next().value!);
    this.#early.set(author, early);
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
