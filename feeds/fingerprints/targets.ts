import type { FiguresRecord, FingerprintRecord, JobRecord } from '../records/mod.ts';
import { equalBytes, toHex } from '../base/mod.ts';
import { type Hex, isOwnJob, type Known, type Pool, type Roster } from '../trust/mod.ts';
import { changedFigures } from './claims.ts';
import { noteAnswered, noteAsked } from './evidence.ts';
import {
  advance,
  conclude,
  drawPeriod,
  isDrawnNow,
  isOver,
  measuringCuts,
  type Period,
  subjectOf,
  takeBacked,
} from './period.ts';
import type { Attested, Claim, PrintRow, Refuted } from './types.ts';
import type { PrintWorld } from './world.ts';

/** One executor with one profile. Plain data. */
export interface Target {
  executor: Hex;
  profile: Hex;
  claim: Claim;
  /** First and last cut of the next draw. */
  from: number;
  by: number;
  /** Challengers of the last draw: fewer than wished where no more could be had. */
  drawn: number;
  period: Period | null;
  attested: Attested | null;
  refuted: Refuted | null;
}

/** Who can run what, as the trust fold knows it. */
export type PrintRoster = Pick<Roster, 'standing' | 'classOf'>;

/** Whose machines are measured, and how far that is. */
export class Targets {
  readonly #roster: PrintRoster;
  readonly #world: PrintWorld;
  readonly #targets: Map<string, Target>;

  constructor(roster: PrintRoster, world: PrintWorld, targets: readonly Target[] = []) {
    this.#roster = roster;
    this.#world = world;
    this.#targets = new Map(targets.map((one) => [keyOf(one.executor, one.profile), one]));
  }

  state(): Target[] {
    return this.all();
  }

  /** By executor, then profile. */
  all(): Target[] {
    return [...this.#targets].sort(([a], [b]) => a < b ? -1 : 1).map(([, target]) => target);
  }

  get(executor: Hex, profile: Hex): Target | undefined {
    return this.#targets.get(keyOf(executor, profile));
  }

  /** Takes what an executor claims in: of a profile that it offers, in the class in which it does. */
  claim({ owner, record, place }: Known<FiguresRecord>): void {
    const profile = toHex(record.profile), kind = toHex(record.class);
    const offered = this.#roster.classOf(owner, profile);
    if (offered === null) {
      return this.#world.refuse('print-unknown', place, owner, 'it does not offer that profile');
    }
    if (offered !== kind) {
      return this.#world.refuse('print-class', place, owner, 'it offers another class');
    }
    const { prefill, decode, streams, streamRate, context, at } = record;
    const claim = { prefill, decode, streams, streamRate, context, at, backendClass: kind, place };
    const known = this.get(owner, profile);
    if (known !== undefined) known.claim = claim;
    else {
      const { cut } = this.#world;
      const target = { executor: owner, profile, claim, from: cut + 1, by: cut + 1, drawn: 0 };
      const nothing = { period: null, attested: null, refuted: null };
      this.#targets.set(keyOf(owner, profile), { ...target, ...nothing });
    }
    this.#world.emit({ type: 'claimed', executor: owner, profile, claim });
  }

  /** Takes in what a challenger measured, if it was drawn for that and is in time. */
  measure({ owner, record, place }: Known<FingerprintRecord>): void {
    const world = this.#world, { beacon, runs } = record;
    const executor = toHex(record.executor), profile = toHex(record.profile);
    if (owner === executor) {
      return world.refuse('print-self', place, owner, 'nobody attests its own machine');
    }
    const target = this.get(executor, profile);
    if (target === undefined) {
      return world.refuse('print-unknown', place, owner, 'no claim of that executor and profile');
    }
    const { period } = target;
    if (period === null || period.beacon !== beacon) {
      const detail = `no draw of the beacon of epoch ${beacon} is open`;
      return world.refuse('print-old-beacon', place, owner, detail);
    }
    const duty = period.duties.find(({ challenger }) => challenger === owner);
    if (duty === undefined) {
      return world.refuse('print-not-drawn', place, owner, 'others were drawn for that');
    }
    if (duty.state !== 'drawn' || period.evidence.said.has(owner)) {
      return world.refuse('print-twice', place, owner, 'the first of them counts');
    }
    if (toHex(record.class) !== duty.backendClass) {
      return world.refuse('print-class', place, owner, 'the executor named another class');
    }
    if (runs > 0 && runs < world.rules.printRuns) {
      const detail = `${runs} runs are fewer than ${world.rules.printRuns}`;
      return world.refuse('print-runs', place, owner, detail);
    }
    if (runs === 0) return advance(period, { ...duty, state: 'unanswered', place }, world);
    const { prefill, decode, streams, context, contextFailed, raw } = record;
    const measured = { runs, prefill, decode, streams, context, contextFailed, raw };
    period.evidence.said.set(owner, { measured, jobs: record.jobs.map(toHex), place });
  }

  /** Takes in what the logs show of challengers' jobs and their answers. */
  look(known: readonly Known[]): void {
    const open = new Map<Hex, Period[]>(), challengers = new Set<Hex>();
    for (const { executor, period } of this.all()) {
      if (period === null) continue;
      open.set(executor, [...open.get(executor) ?? [], period]);
      for (const { challenger, state } of period.duties) {
        if (state === 'drawn') challengers.add(challenger);
      }
    }
    if (open.size === 0) return;
    for (const entry of known) {
      const { owner, ownerKey, record } = entry;
      if (record.type === 'job') {
        // Ids that follow from their requester are no two challengers': none can take another's answers.
        if (!challengers.has(owner) || !isOwnJob(entry as Known<JobRecord>)) continue;
        const profile = toHex(record.profile);
        for (const period of open.get(toHex(record.executor)) ?? []) {
          if (period.profile !== profile) continue;
          if (!period.duties.some(({ challenger }) => challenger === owner)) continue;
          noteAsked(period.evidence, owner, toHex(record.job));
        }
      } else if (record.type === 'artifact') {
        const periods = open.get(owner);
        if (periods === undefined || !equalBytes(record.executor, ownerKey)) continue;
        for (const period of periods) noteAnswered(period.evidence, toHex(record.job));
      }
    }
    for (const periods of open.values()) {
      for (const period of periods) takeBacked(period, this.#world);
    }
  }

  /** Concludes what is over, forgets what is out of date. @returns periods that ended */
  advance(): Period[] {
    const { cut, rules: { printTolerance } } = this.#world;
    const ended: Period[] = [];
    for (const target of this.all()) {
      const { executor, profile, period, attested: before, refuted } = target;
      if (refuted !== null && (refuted.until < cut || this.#isOther(refuted))) {
        target.refuted = null;
      }
      if (before !== null && (before.until < cut || this.#isOther(before))) {
        target.attested = null;
        this.#world.emit({ type: 'speed-class-expired', executor, profile, until: before.until });
      }
      if (period === null) continue;
      const isSwitched = this.#isOther({
        executor,
        profile,
        backendClass: period.claim.backendClass,
      });
      if (!isSwitched && !isOver(period, cut)) continue;
      const isWithdrawn = isSwitched || this.#roster.classOf(executor, profile) === null;
      const { attested, refuted: found, isMeasured } = conclude(period, this.#world, isWithdrawn);
      ended.push(period);
      target.period = null;
      if (isMeasured) target.refuted = found;
      if (attested === null) continue;
      const figures = target.attested === null
        ? []
        : changedFigures(target.attested, attested, printTolerance);
      target.attested = attested;
      if (figures.length > 0) {
        this.#world.emit({ type: 'speed-class-changed', executor, profile, figures });
      }
    }
    return ended;
  }

  /** True if the executor offers the profile in another class now; one that is away may come back. */
  #isOther(
    { executor, profile, backendClass }: Pick<Attested, 'executor' | 'profile' | 'backendClass'>,
  ): boolean {
    const offered = this.#roster.classOf(executor, profile);
    return offered !== null && offered !== backendClass;
  }

  /** Draws the challengers whose time it is. */
  draw(beacon: { epoch: number; value: Uint8Array }): void {
    const world = this.#world, { printEveryCuts, printChallengers } = world.rules;
    const pools = new Map<Hex, Pool>();
    const poolOf = (profile: Hex): Pool => {
      let pool = pools.get(profile);
      if (pool === undefined) {
        pool = this.#roster.standing(profile, beacon.epoch - 1).pool;
        pools.set(profile, pool);
      }
      return pool;
    };
    for (const target of this.all()) {
      const { executor, profile, claim } = target;
      if (target.period !== null) continue;
      if (this.#roster.classOf(executor, profile) !== claim.backendClass) continue;
      const pool = poolOf(profile);
      const could = Math.min(printChallengers, pool.sizeWithout(new Set([executor])));
      // A young network has few who can measure: when more have come, it is not waited for.
      const isSoon = could > target.drawn;
      const subject = subjectOf(executor, profile);
      if (!isSoon && !isDrawnNow(beacon.value, subject, world.cut, target)) continue;
      target.period = drawPeriod(target, beacon, pool, world);
      target.drawn = target.period.duties.length;
      target.from = world.cut + measuringCuts(world.rules);
      target.by = target.from + printEveryCuts;
    }
  }

  /** Forgets who offers nothing any more. */
  forget(): void {
    for (const [key, { executor, profile, period, attested, refuted }] of this.#targets) {
      if (period !== null || attested !== null || refuted !== null) continue;
      if (this.#roster.classOf(executor, profile) === null) this.#targets.delete(key);
    }
  }

  rows(): PrintRow[] {
    return this.all().map(({ executor, profile, claim, attested, refuted, period }) => ({
      executor,
      profile,
      claim,
      attested,
      refuted,
      duties: period?.duties ?? [],
    }));
  }
}

function keyOf(executor: Hex, profile: Hex): string {
  return `${executor}:${profile}`;
}
