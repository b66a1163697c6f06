import { Audit, type AuditState } from './audit.ts';
import type { Auditors } from './auditors.ts';
import type { Calibrations } from './calibrations.ts';
import type { Canaries } from './canaries.ts';
import { combine } from './combine.ts';
import { drawAuditors, drawOf, isDrawn, readingsOf } from './draw.ts';
import { Pool } from './pool.ts';
import { isShown, type Task } from './duties.ts';
import type { Executors } from './executors.ts';
import type { Roster } from './roster.ts';
import type { Attempt } from './attempt.ts';
import type { Duty, Hex, Subject } from './types.ts';
import type { SubjectOutcome } from './view_types.ts';
import { tellFaults } from './verdicts.ts';
import type { World } from './world.ts';

/** A beacon that was formed. */
interface Formed {
  epoch: number;
  value: Uint8Array;
}

interface Waiting {
  subject: Subject;
  attempt: Attempt;
}

/** What {@link Audits} knows. */
export interface AuditsState {
  audits: Map<Hex, AuditState>;
  waiting: Waiting[];
}

/** The parts of the fold that audits look things up in and tell of. */
export interface Around {
  roster: Roster;
  calibrations: Calibrations;
  executors: Executors;
  auditors: Auditors;
  canaries: Pick<Canaries, 'deadline' | 'wasOpened'>;
  weightOf(auditor: Hex): number;
}

/** Subjects from when they are known until their audits are forgotten. */
export class Audits {
  readonly #around: Around;
  readonly #audits = new Map<Hex, Audit>();
  #waiting: Waiting[] = [];

  constructor(around: Around) {
    this.#around = around;
  }

  state(): AuditsState {
    return { audits: this.#audits, waiting: this.#waiting };
  }

  load({ audits, waiting }: AuditsState): void {
    for (const [id, state] of audits) this.#audits.set(id, Audit.from(state));
    this.#waiting = waiting;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get(subject: Hex): Audit | undefined {
    return this.#audits.get(subject);
  }

  /** All duties of the challenge window, oldest first. */
  duties(): Duty[] {
    return [...this.#audits.values()].flatMap(({ duties }) => duties);
  }

  /** Subjects that are new: the next beacon is for them. */
  await(subjects: readonly Waiting[]): void {
    for (const subject of subjects) this.#waiting.push(subject);
  }

  /** Draws panels, and what of the waiting subjects is audited by whom. */
  draw(beacon: Formed, world: World): void {
    for (const audit of this.#audits.values()) {
      if (audit.wants !== null) this.#drawPanel(audit, beacon, world);
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    const attempts = new Map<Hex, number>();
    const funded = new Set(waiting.map(({ subject }) => subject).filter(world.isFunded));
    for (const subject of funded) {
      attempts.set(subject.executor, (attempts.get(subject.executor) ?? 0) + 1);
    }
    // What one beacon draws from is what was known before it: no audit of it counts yet.
    for (const { subject, attempt } of waiting) {
      const executor = this.#around.executors.of(subject.executor);
      if (!executor.note(subject)) {
        world.refuse('duplicate', subject.place, 'the attempt was before a beacon already');
        continue;
      }
      executor.subjects++;
      const rate = !funded.has(subject)
        ? 0
        : subject.kind === 'artifact'
        ? executor.rate(world, attempts.get(subject.executor)!)
        : 10_000;
      const audited = isDrawn(beacon.value, subject.id, rate);
      world.emit({ type: 'subject', subject, beacon: beacon.epoch, rate, audited });
      if (audited) this.#drawFirst(subject, attempt, beacon, world);
    }
  }

  #drawFirst(subject: Subject, attempt: Attempt, beacon: Formed, world: World): void {
    const { auditors } = world.rules;
    const pool = this.#pool(subject, beacon), out = new Set([subject.requester, subject.executor]);
    const drawn = pool.sizeWithout(out) < auditors
      ? []
      : drawAuditors(beacon.value, subject.id, false, pool, out, auditors);
    const tasks = this.#tasks(subject, beacon, false, drawn, world);
    const audit = new Audit(subject, attempt, beacon.epoch, tasks);
    this.#audits.set(subject.id, audit);
    this.#around.executors.of(subject.executor).expect(beacon.epoch);
    if (tasks.length === 0) this.#close(audit, 'inconclusive', 'too few auditors', world);
  }

  #drawPanel(audit: Audit, beacon: Formed, world: World): void {
    const { subject } = audit, why = audit.wants!;
    const { panel } = world.rules;
    const earlier = audit.duties.map(({ auditor }) => auditor);
    const out = new Set([subject.requester, subject.executor, ...earlier]);
    const draw = (pool: Pool, out: ReadonlySet<Hex>, count: number) =>
      drawAuditors(beacon.value, subject.id, true, pool, out, count);
    const drawn = draw(this.#pool(subject, beacon), out, panel);
    if (drawn.length === 0) {
      audit.wants = null;
      return this.#close(audit, 'inconclusive', 'too few auditors for a panel', world);
    }
    const read = audit.duties.filter(isShown).map(({ auditor }) => auditor);
    const again = draw(new Pool(read, this.#around.weightOf), new Set(), panel - drawn.length);
    audit.draw(this.#tasks(subject, beacon, true, drawn, world), again);
    world.emit({ type: 'panel', subject: subject.id, why, auditors: [...drawn, ...again] });
  }

  /** Whose capability stood in the cut before the beacon's. */
  #pool({ profile }: Subject, beacon: Formed): Pool {
    return this.#around.roster.standing(profile, beacon.epoch - 1).pool;
  }

  #tasks(subject: Subject, beacon: Formed, panel: boolean, drawn: Hex[], world: World): Task[] {
    if (drawn.length === 0) return [];
    const { roster, calibrations } = this.#around;
    const draw = drawOf(beacon.value, subject.id);
    const readings = readingsOf(draw, subject.tokens, world.rules.readings);
    const { classes } = roster.standing(subject.profile, beacon.epoch - 1);
    return drawn.map((auditor) => {
      const kind = classes.get(auditor)!;
      const { profile, place } = subject;
      const duty: Duty = {
        subject,
        auditor,
        class: kind,
        panel,
        beacon: beacon.epoch,
        draw,
        readings,
        calibration: calibrations.inForce(profile, subject.class, kind, place.cut),
        state: 'drawn',
        due: world.cut + world.rules.requestCuts,
        mayReveal: false,
        request: null,
        open: null,
        opens: [],
        commit: null,
        reveal: null,
        revealed: null,
      };
      world.emit({ type: 'duty', duty });
      return { duty, drawn: world.cut, value: null, salt: null, readings: null };
    });
  }

  /** Ends a cut: deadlines, panels that are needed, audits that are over, what is forgotten. */
  advance(world: World): void {
    const { auditors, executors } = this.#around;
    const { challengeCuts } = world.rules;
    for (const [id, audit] of this.#audits) {
      if (audit.outcome !== null) {
        if (world.cut - audit.closed > challengeCuts) this.#audits.delete(id);
        continue;
      }
      for (const duty of audit.advance(world.cut, world.rules)) {
        world.emit({ type: 'duty', duty });
        if (duty.state === 'revealed') auditors.of(duty.auditor).done++;
        if (duty.state === 'missed') auditors.of(duty.auditor).missed++;
      }
      if (audit.wants === null && audit.over) {
        audit.wants = audit.calls();
        if (audit.wants === null) {
          const { outcome, reason } = audit.conclude();
          this.#close(audit, outcome, reason, world);
        }
      } else if (audit.wants !== null && world.cut - audit.beacon > challengeCuts) {
        this.#close(audit, 'inconclusive', 'no beacon for a panel', world);
      }
    }
    while (
      this.#waiting.length > 0 && world.cut - this.#waiting[0]!.subject.place.cut > challengeCuts
    ) {
      const { subject } = this.#waiting.shift()!;
      if (!world.isFunded(subject)) continue;
      const reason = 'no beacon', outcome = 'inconclusive';
      world.emit({ type: 'closed', subject, outcome, reason, fraudClaimed: false });
    }
    executors.extend(world);
  }

  #close(audit: Audit, outcome: SubjectOutcome, reason: string, world: World): void {
    const { subject, fraudClaimed } = audit;
    audit.outcome = outcome;
    audit.closed = world.cut;
    audit.wants = null;
    const duties = audit.duties;
    const evidence = combine(duties.filter(({ panel }) => !panel), audit.panelDuties);
    const wasWithheld = duties.some(({ state }) => state === 'withheld');
    const { executors, canaries } = this.#around;
    const ended = { subject, outcome, wasWithheld, evidence };
    const executor = executors.of(subject.executor), wasOpened = canaries.wasOpened(subject);
    const until = wasOpened ? world.cut : canaries.deadline(subject, world);
    executor.close(audit.beacon, ended, until);
    if (wasOpened) executor.excuse(subject.id);
    tellFaults(audit, this.#around.auditors, world);
    world.emit({ type: 'closed', subject, outcome, reason, fraudClaimed });
  }
}
