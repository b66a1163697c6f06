import type { Hex } from './types.ts';
import type { AuditorTrust, TrustEvent } from './view_types.ts';
import type { World } from './world.ts';

type Fault = (TrustEvent & { type: 'auditor' })['fault'];

/** An auditor's record; what it owes is counted where the duties are. */
type Record = Omit<AuditorTrust, 'owed'>;

/** What {@link Auditors} knows. */
export type AuditorsState = Map<Hex, Record>;

/**
 * Of two who read otherwise nobody knows who is right. But who reads differs only from those who do
 * not: while they are fewer than a third, whoever is in dispute in more than two thirds of its audits
 * does not read.
 */
const DISPUTES = 8;

/** The auditors' records. */
export class Auditors {
  #records: AuditorsState = new Map();

  state(): AuditorsState {
    return this.#records;
  }

  load(state: AuditorsState): void {
    this.#records = state;
  }

  of(auditor: Hex): Record {
    let record = this.#records.get(auditor);
    if (record === undefined) {
      record = {
        auditor,
        done: 0,
        missed: 0,
        against: 0,
        copied: 0,
        canaries: 0,
        wrong: 0,
        compared: 0,
        disputed: 0,
      };
      this.#records.set(auditor, record);
    }
    return record;
  }

  fault(auditor: Hex, subject: Hex, fault: Fault, world: World): void {
    const record = this.of(auditor);
    if (fault === 'copied') record.copied++;
    else if (fault === 'canary') record.wrong++;
    else record.against++;
    world.emit({ type: 'auditor', auditor, subject, fault });
  }

  /** What it read was compared with what another one did. @returns true if it is thought not to read */
  compared(auditor: Hex, isDisputed: boolean): boolean {
    const record = this.of(auditor);
    record.compared++;
    if (!isDisputed) return false;
    record.disputed++;
    return record.disputed >= DISPUTES && 3 * record.disputed > 2 * record.compared;
  }

  view(owed: ReadonlyMap<Hex, number>): AuditorTrust[] {
    return [...this.#records.values()]
      .map((record) => ({ ...record, owed: owed.get(record.auditor) ?? 0 }))
      .sort((a, b) => a.auditor < b.auditor ? -1 : 1);
  }
}
