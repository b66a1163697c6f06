import { compareReadings } from './readings.ts';
import { advance, hasCommitted, isOver, type Task } from './duties.ts';
import type { Attempt } from './attempt.ts';
import type { Duty, Hex, Subject, TrustRules } from './types.ts';
import type { SubjectOutcome } from './view_types.ts';

/** Auditors drawn together. */
class Round {
  readonly tasks: Task[];
  revealFrom: number | null;

  constructor(tasks: Task[], revealFrom: number | null = null) {
    this.tasks = tasks;
    this.revealFrom = revealFrom;
  }

  /** Brings every duty to the end of a cut; those that have changed. */
  advance(cut: number, rules: TrustRules): Duty[] {
    const changed: Duty[] = [];
    const step = (): void => {
      for (const task of this.tasks) {
        const next = advance(task, cut, this.revealFrom, rules);
        if (next === task.duty) continue;
        task.duty = next;
        changed.push(next);
      }
    };
    step();
    if (this.revealFrom === null && this.tasks.every(hasCommitted)) {
      this.revealFrom = cut;
      step();
    }
    // Each once, as it is now.
    return this.tasks.map(({ duty }) => duty).filter((duty) => changed.includes(duty));
  }

  get over(): boolean {
    return this.tasks.every(({ duty }) => isOver(duty));
  }
}

/** An {@link Audit} as plain data. */
export type AuditState =
  & Pick<Audit, 'subject' | 'attempt' | 'beacon' | 'again' | 'wants' | 'outcome' | 'closed'>
  & {
    first: Pick<Round, 'tasks' | 'revealFrom'>;
    panel: Pick<Round, 'tasks' | 'revealFrom'> | null;
  };

/** The audit of one subject, from its drawing until it is forgotten. */
export class Audit {
  readonly subject: Subject;
  readonly attempt: Attempt;
  /** Epoch of the beacon that drew it. */
  readonly beacon: number;
  first: Round;
  panel: Round | null = null;
  /** Earlier auditors whose verdicts the panel counts, too, where there are too few others. */
  again: Hex[] = [];
  /** Why a panel is to be drawn with the next beacon. */
  wants: 'trigger' | 'disagreement' | null = null;
  outcome: SubjectOutcome | null = null;
  closed = Infinity;

  constructor(subject: Subject, attempt: Attempt, beacon: number, tasks: Task[]) {
    this.subject = subject;
    this.attempt = attempt;
    this.beacon = beacon;
    this.first = new Round(tasks);
  }

  static from({ first, panel, ...state }: AuditState): Audit {
    const audit = new Audit(state.subject, state.attempt, state.beacon, []);
    const round = ({ tasks, revealFrom }: AuditState['first']) => new Round(tasks, revealFrom);
    return Object.assign(audit, state, {
      first: round(first),
      panel: panel === null ? null : round(panel),
    });
  }

  /** The panel's drawing: duties of new auditors, and earlier ones whose verdicts count again. */
  draw(tasks: Task[], again: Hex[]): void {
    this.panel = new Round(tasks);
    this.again = again;
    this.wants = null;
  }

  get tasks(): readonly Task[] {
    return this.panel === null ? this.first.tasks : [...this.first.tasks, ...this.panel.tasks];
  }

  get duties(): Duty[] {
    return this.tasks.map(({ duty }) => duty);
  }

  task(auditor: Hex): { task: Task; round: Round } | null {
    for (const round of [this.panel, this.first]) {
      const task = round?.tasks.find(({ duty }) => duty.auditor === auditor);
      if (round && task !== undefined) return { task, round };
    }
    return null;
  }

  advance(cut: number, rules: TrustRules): Duty[] {
    return [...this.first.advance(cut, rules), ...this.panel?.advance(cut, rules) ?? []];
  }

  /** True where every duty drawn so far is over. */
  get over(): boolean {
    return this.first.over && (this.panel?.over ?? true);
  }

  /** The panel's duties with those that count again. */
  get panelDuties(): Duty[] | null {
    if (this.panel === null) return null;
    const again = this.first.tasks.filter(({ duty }) => this.again.includes(duty.auditor));
    return [...again, ...this.panel.tasks].map(({ duty }) => duty);
  }

  get fraudClaimed(): boolean {
    return this.duties.some(({ revealed }) => revealed?.finding === 'fraud');
  }

  /**
   * What the auditors' own readings come to. A panel reads other positions than those before it, whose
   * readings are public by then, so each round is compared by itself.
   */
  compare(): { differ: boolean; against: Hex[]; disputed: Hex[]; read: Hex[] } {
    const reads = [this.first, this.panel].map((round) =>
      (round?.tasks ?? []).flatMap(({ duty, readings }) =>
        duty.state === 'revealed' && readings !== null
          ? [{ auditor: duty.auditor, class: duty.class, readings }]
          : []
      )
    );
    const rounds = reads.map(compareReadings);
    return {
      differ: rounds.some(({ differ }) => differ),
      against: rounds.flatMap(({ against }) => against),
      disputed: rounds.flatMap(({ disputed }) => disputed),
      // Who was alone was compared with nobody.
      read: reads.filter(({ length }) => length > 1).flat().map(({ auditor }) => auditor),
    };
  }

  /** Whether a panel must look at it, once the first auditors are through. */
  calls(): 'trigger' | 'disagreement' | null {
    if (this.panel !== null) return null;
    if (this.duties.some(({ revealed }) => revealed !== null && isAlarm(revealed.finding))) {
      return 'trigger';
    }
    return this.compare().differ ? 'disagreement' : null;
  }

  /** How it ended: as the last auditors say by majority, and in words why it did not. */
  conclude(): { outcome: SubjectOutcome; reason: string } {
    const duties = this.panelDuties ?? this.duties;
    const count = (holds: (duty: Duty) => boolean) => duties.filter(holds).length;
    const ok = count(({ revealed }) => revealed?.finding === 'ok');
    const alarms = count(({ revealed }) => revealed !== null && isAlarm(revealed.finding));
    const withheld = count(({ state }) => state === 'withheld');
    if (this.panel !== null && 2 * alarms > duties.length) {
      return { outcome: 'suspect', reason: '' };
    }
    if (2 * ok >= duties.length && ok > alarms) return { outcome: 'ok', reason: '' };
    if (withheld > 0 && ok + alarms === 0) return { outcome: 'withheld', reason: '' };
    const missed = count(({ state }) => state === 'missed');
    const reason = 2 * missed >= duties.length
      ? 'auditors missed their duties'
      : 2 * withheld >= duties.length
      ? 'most auditors were not given the key'
      : alarms > 0
      ? 'the auditors do not agree'
      : 'the auditors could not tell';
    return { outcome: 'inconclusive', reason };
  }
}

export function isAlarm(finding: string): boolean {
  return finding === 'trigger' || finding === 'fraud';
}
