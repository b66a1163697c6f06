import type { Hex, Place, Subject, TrustRules } from './types.ts';
import type { TrustEvent, TrustFindingCode } from './view_types.ts';

/** Findings that are kept; all are told once, as events. */
const MOST_FINDINGS = 256;

/** What of it outlives a cut. */
export type WorldState = Pick<World, 'cut' | 'findings' | 'findingCount'>;

/** What every part of the fold sees: the rules, the present cut, and where to tell what follows. */
export class World {
  readonly rules: TrustRules;
  readonly mustAudit: (executor: Hex) => boolean;
  readonly isFunded: (subject: Subject) => boolean;
  /** Epoch of the cut that is taken in. */
  cut = -1;
  findings: (TrustEvent & { type: 'finding' })['finding'][] = [];
  findingCount = 0;
  #events: TrustEvent[] = [];

  constructor(
    rules: TrustRules,
    mustAudit: (executor: Hex) => boolean = () => false,
    isFunded: (subject: Subject) => boolean = () => true,
  ) {
    this.rules = rules;
    this.mustAudit = mustAudit;
    this.isFunded = isFunded;
  }

  emit(event: TrustEvent): void {
    this.#events.push(event);
  }

  /** Notes why an entry counts for nothing. */
  refuse(code: TrustFindingCode, place: Place, detail: string): void {
    const finding = { code, place, detail };
    this.findings.push(finding);
    if (this.findings.length > MOST_FINDINGS) this.findings.shift();
    this.findingCount++;
    this.emit({ type: 'finding', finding });
  }

  state(): WorldState {
    const { cut, findings, findingCount } = this;
    return { cut, findings, findingCount };
  }

  load({ cut, findings, findingCount }: WorldState): void {
    this.cut = cut;
    this.findings = findings;
    this.findingCount = findingCount;
  }

  /** The events since the last call. */
  take(): TrustEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
