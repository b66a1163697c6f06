import type { Hex, Place } from '../trust/mod.ts';
import type { PrintEvent, PrintFinding, PrintFindingCode, PrintRules } from './types.ts';

/** Findings that are kept; all are told once, as events. */
const MOST_FINDINGS = 256;

/** What every part of the fold sees: the rules, the present cut, and where to tell what follows. */
export class PrintWorld {
  readonly rules: PrintRules;
  /** Epoch of the cut that is taken in. */
  cut = -1;
  findings: PrintFinding[] = [];
  findingCount = 0;
  #events: PrintEvent[] = [];

  constructor(rules: PrintRules) {
    this.rules = rules;
  }

  emit(event: PrintEvent): void {
    this.#events.push(event);
  }

  /** Notes why an entry counts for nothing. */
  refuse(code: PrintFindingCode, place: Place, author: Hex, detail: string): void {
    const finding = { code, place, author, detail };
    this.findings.push(finding);
    if (this.findings.length > MOST_FINDINGS) this.findings.shift();
    this.findingCount++;
    this.emit({ type: 'finding', finding });
  }

  /** The events since the last call. */
  take(): PrintEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
