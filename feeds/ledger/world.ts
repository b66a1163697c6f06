import type { Hex, Place, TrustRules } from '../trust/mod.ts';
import type { LedgerEvent, LedgerFinding, LedgerFindingCode, LedgerTerms } from './types.ts';

/** Findings that are kept; all are told once, as events. */
export const MOST_KEPT = 256;

/** Rules of the audits that the ledger looks at. */
export type LedgerAudit = Pick<
  TrustRules,
  'challengeCuts' | 'maxTokens' | 'auditRamp' | 'auditFloor'
>;

/** What every part of the ledger sees: the terms, the present cut, and where to tell what follows. */
export class LedgerWorld {
  readonly terms: LedgerTerms;
  readonly audit: LedgerAudit;
  /** Epoch of the cut that is taken in. */
  cut = -1;
  findings: LedgerFinding[] = [];
  findingCount = 0;
  #events: LedgerEvent[] = [];

  constructor(
    terms: LedgerTerms,
    audit: LedgerAudit,
  ) {
    this.terms = terms;
    this.audit = audit;
  }

  /** Cuts until what was paid is free. */
  get challengeCuts(): number {
    return this.audit.challengeCuts;
  }

  /** Output tokens that an offer may ask for. */
  get maxTokens(): number {
    return this.audit.maxTokens;
  }

  get rules(): LedgerTerms['rules'] {
    return this.terms.rules;
  }

  emit(event: LedgerEvent): void {
    this.#events.push(event);
  }

  /** Notes which rule ignored or punished an entry. */
  refuse(code: LedgerFindingCode, place: Place, author: Hex, detail: string): void {
    const finding = { code, place, author, detail };
    this.findings.push(finding);
    if (this.findings.length > MOST_KEPT) this.findings.shift();
    this.findingCount++;
    this.emit({ type: 'finding', finding });
  }

  /** The events since the last call. */
  take(): LedgerEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
