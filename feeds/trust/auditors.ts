import type { Hex } from './types.ts';
import type { AuditorTrust, TrustEvent } from './view_types.ts';
import type { World } from './world.ts';

type Fault = (TrustEvent & { type: 'auditor' })['fault'];

/** An auditor's record; what it owes is counted where the duties are. */
type Record = Omit<AuditorTrust, 'owed'>;

/** What {@link Auditors} knows. */
export type AuditorsState = Map<Hex, Record>;

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
      record = { auditor, done: 0, missed: 0, against: 0, copied: 0, canaries: 0, wrong: 0 };
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

  view(owed: ReadonlyMap<Hex, number>): AuditorTrust[] {
    return [...this.#records.values()]
      .map((record) => ({ ...record, owed: owed.get(record.auditor) ?? 0 }))
      .sort((a, b) => a.auditor < b.auditor ? -1 : 1);
  }
}
