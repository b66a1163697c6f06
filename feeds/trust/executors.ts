import { crosses, type EProcess, extendProcess, processLog, startProcess } from './eprocess.ts';
import { type Ended, type Group, isBad, isWithheld } from './ended.ts';
import type { JobEvidence } from './evidence.ts';
import { LOG_UNIT, logSum } from './fixed.ts';
import type { Hex, Subject } from './types.ts';
import type { ExecutorTrust, ProvenCheat } from './view_types.ts';
import type { World } from './world.ts';

const MOST_HISTORY = 256;
const MOST_NAMED = 1024;
/**
 * Attempts of one executor that are remembered, the newest, so that none comes before a beacon twice:
 * some 4 MB at most. Those that were not drawn, too: whoever knows an answer to be an unlucky one
 * could else log it once more until it is, and the lifetime test may not be looked at by choice.
 */
const MOST_SEEN = 65_536;
/** 10,000 of 10,000. */
const ALWAYS = 10_000;

/** One lifetime test: over one model, and calibrations of one number of alternatives. */
interface Lane {
  name: string;
  profile: Hex;
  /** The n-th one of its executor: 1 / (n (n + 1)) of alpha is its own. */
  share: number;
  process: EProcess;
  /** Its {@link processLog}. */
  log: number;
  /** Subjects that spoke against it. */
  against: Hex[];
}

/** An {@link Executor} as plain data. */
export interface ExecutorState {
  record: Pick<
    Executor,
    'key' | 'subjects' | 'audited' | 'clean' | 'suspect' | 'withheld' | 'planted' | 'cheats'
  >;
  history: (readonly [number, number])[];
  lanes: Map<string, Lane>;
  groups: Group[];
  seen: Set<string>;
}

/** An executor's record. */
export class Executor {
  readonly key: Hex;
  subjects = 0;
  audited = 0;
  clean = 0;
  suspect = 0;
  withheld = 0;
  planted = 0;
  /** In the order of their proofs, one a model: what it earned with others is not lost by them. */
  cheats: ProvenCheat[] = [];
  #history: (readonly [number, number])[] = [];
  #lanes = new Map<string, Lane>();
  #groups: Group[] = [];
  #seen = new Set<string>();

  constructor(key: Hex) {
    this.key = key;
  }

  static from({ record, history, lanes, groups, seen }: ExecutorState): Executor {
    const executor = Object.assign(new Executor(record.key), record);
    executor.#history = history;
    executor.#lanes = lanes;
    executor.#groups = groups;
    executor.#seen = seen;
    return executor;
  }

  /** The record is the object itself: to be copied. */
  state(): ExecutorState {
    return {
      record: this,
      history: this.#history,
      lanes: this.#lanes,
      groups: this.#groups,
      seen: this.#seen,
    };
  }

  /**
   * Chance of an audit in 10,000: all of a new one's attempts, then the fewer the more were clean.
   * @param attempts looked at with this beacon
   */
  rate({ rules, mustAudit }: World, attempts: number): number {
    if (this.proven !== null || this.clean <= rules.auditRamp || mustAudit(this.key)) return ALWAYS;
    // What waits to be counted is no shelter meanwhile.
    if (this.#groups.some(({ held }) => held.some(isBad))) return ALWAYS;
    const byRecord = Math.ceil(ALWAYS * rules.auditRamp / this.clean);
    const inQuiet = Math.ceil(ALWAYS * rules.auditLeast / attempts);
    return Math.min(ALWAYS, Math.max(rules.auditFloor, byRecord, inQuiet));
  }

  /** False where that attempt was before a beacon: a requester may log an old job once more. */
  note({ job, attempt }: Subject): boolean {
    // A job's id is a hash: half of it tells it from others.
    const name = job.slice(0, 32) + attempt;
    if (this.#seen.has(name)) return false;
    this.#seen.add(name);
    if (this.#seen.size > MOST_SEEN) this.#seen.delete(this.#seen.values().next().value!);
    return true;
  }

  /** An audit was drawn: the evidence of its beacon waits for it. */
  expect(beacon: number): void {
    const last = this.#groups.at(-1);
    if (last?.beacon === beacon) last.open++;
    else this.#groups.push({ beacon, open: 1, held: [], items: [] });
  }

  /**
   * An audit is over.
   * @param until last cut in which its plan may be opened, where it may have been planted
   */
  close(beacon: number, ended: Ended, until: number | null): void {
    const group = this.#groups.find((one) => one.beacon === beacon)!;
    if (until === null) this.#book(group, ended);
    else group.held.push({ ...ended, until });
  }

  /** Takes a planted attempt out of the record; false where it counts already, or is not known. */
  excuse(subject: Hex): boolean {
    for (const group of this.#groups) {
      const at = group.held.findIndex((one) => one.subject.id === subject);
      if (at < 0) continue;
      group.held.splice(at, 1);
      group.open--;
      this.planted++;
      return true;
    }
    return false;
  }

  #book(group: Group, ended: Ended): void {
    const { subject: { id, profile }, outcome, evidence } = ended;
    group.open--;
    if (evidence.size > 0) group.items.push({ subject: id, profile, evidence });
    if (isBad(ended)) this.clean = 0;
    if (isWithheld(ended)) this.withheld++;
    if (outcome === 'ok') this.clean++;
    if (outcome === 'suspect') this.suspect++;
    if (outcome === 'ok' || outcome === 'suspect') this.audited++;
  }

  /**
   * Extends the lifetime tests, strictly in the order of the beacons: whoever could delay one verdict
   * until it has seen another would choose when the test looks.
   */
  extend(world: World): void {
    for (const group of this.#groups) {
      for (const ended of group.held.filter(({ until }) => until < world.cut)) {
        group.held.splice(group.held.indexOf(ended), 1);
        this.#book(group, ended);
      }
    }
    while (this.#groups[0]?.open === 0) {
      const { items } = this.#groups.shift()!;
      if (items.length > 0) this.#extend(items, world);
    }
  }

  #extend(items: Group['items'], world: World): void {
    const byLane = new Map<string, { profile: Hex; size: number; of: [Hex, JobEvidence][] }>();
    for (const { subject, profile, evidence } of items) {
      for (const [size, logs] of evidence) {
        const name = `${profile}:${size}`;
        const lane = byLane.get(name) ?? { profile, size, of: [] };
        lane.of.push([subject, logs]);
        byLane.set(name, lane);
      }
    }
    for (const [name, { profile, size, of }] of [...byLane].sort(([a], [b]) => a < b ? -1 : 1)) {
      let lane = this.#lanes.get(name);
      if (lane === undefined) {
        const share = this.#lanes.size + 1;
        lane = { name, profile, share, process: startProcess(size), log: 0, against: [] };
        this.#lanes.set(name, lane);
      }
      lane.process = extendProcess(lane.process, of.map(([, logs]) => logs));
      lane.log = processLog(lane.process);
      for (const [subject, logs] of of) if (logs.some((log) => log > 0)) lane.against.push(subject);
      if (lane.against.length > MOST_NAMED) {
        lane.against.splice(0, lane.against.length - MOST_NAMED);
      }
    }
    const log = this.log, subjects = items.map(({ subject }) => subject).sort();
    world.emit({ type: 'evidence', executor: this.key, epoch: world.cut, log, subjects });
    this.#history.push([world.cut, log]);
    if (this.#history.length > MOST_HISTORY) this.#history.shift();
    this.#accuse(world);
  }

  #accuse(world: World): void {
    const alpha = world.rules.lifetimeAlpha / 1e6;
    for (const { log, profile, share, against } of this.#lanes.values()) {
      if (this.cheats.some((one) => one.profile === profile)) continue;
      if (!crosses(log, alpha / (share * (share + 1)))) continue;
      const cheat: ProvenCheat = {
        executor: this.key,
        epoch: world.cut,
        profile,
        log: adjusted(log, share),
        limit: Math.ceil(Math.log(1 / alpha) * LOG_UNIT),
        subjects: [...against],
      };
      this.cheats.push(cheat);
      world.emit({ type: 'proven', cheat });
    }
  }

  /** The first of its proven cheats. */
  get proven(): ProvenCheat | null {
    return this.cheats[0] ?? null;
  }

  /** The highest of its lifetime tests, less what several of them cost. */
  get log(): number {
    const logs = [...this.#lanes.values()].map(({ log, share }) => adjusted(log, share));
    return logs.length === 0 ? 0 : Math.max(...logs);
  }

  view(world: World): ExecutorTrust {
    const { key, subjects, audited, clean, suspect, withheld, planted, log, proven } = this;
    const rate = this.rate(world, Infinity), history = [...this.#history];
    return {
      executor: key,
      subjects,
      audited,
      clean,
      suspect,
      withheld,
      planted,
      rate,
      log,
      history,
      proven,
    };
  }
}

/** All executors' records. */
export class Executors {
  readonly #executors = new Map<Hex, Executor>();

  state(): ExecutorState[] {
    return [...this.#executors.values()].map((executor) => executor.state());
  }

  load(states: readonly ExecutorState[]): void {
    for (const state of states) this.#executors.set(state.record.key, Executor.from(state));
  }

  of(key: Hex): Executor {
    let executor = this.#executors.get(key);
    if (executor === undefined) this.#executors.set(key, executor = new Executor(key));
    return executor;
  }

  get(key: Hex): Executor | undefined {
    return this.#executors.get(key);
  }

  extend(world: World): void {
    for (const executor of this.#executors.values()) executor.extend(world);
  }

  /** All that is proven, by executor. */
  cheats(): ProvenCheat[] {
    return [...this.#executors.values()].flatMap(({ cheats }) => cheats)
      .sort((a, b) => a.executor < b.executor ? -1 : 1);
  }

  view(world: World): ExecutorTrust[] {
    return [...this.#executors.values()].map((executor) => executor.view(world))
      .sort((a, b) => a.executor < b.executor ? -1 : 1);
  }
}

function adjusted(log: number, share: number): number {
  return logSum([{ log, weight: 1 }], share * (share + 1));
}
