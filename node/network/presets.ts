import type { LedgerRules } from '../../feeds/ledger/mod.ts';
import type { PrintRules } from '../../feeds/fingerprints/mod.ts';
import type { AuditRules } from './audit_rules.ts';
import { DEV_AUDIT, DEV_LEDGER } from './ledger_rules.ts';
import { DEV_MEASURED, MEASURED } from './print_rules.ts';

/** Verified epochs that a false claim costs: half of what makes a newcomer's reputation a half. */
const CLAIM_COST = 10;

/** How money begins in a new network. */
export type PresetName = 'dev' | 'open';

/** What a preset changes of the usual rules. */
export interface Preset {
  about: string;
  audit: Partial<AuditRules>;
  prints: Partial<PrintRules>;
  ledger: Partial<LedgerRules>;
}

/** The presets of networks with a ledger; every rule may still be given otherwise. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  dev: {
    about: 'short epochs, and money for everybody who comes: for trying things out',
    audit: DEV_AUDIT,
    prints: DEV_MEASURED,
    ledger: { ...DEV_LEDGER, claimCost: CLAIM_COST },
  },
  open: {
    about: 'money only for the identities that are named, and no credit without a bond',
    audit: {},
    prints: MEASURED,
    ledger: { claimCost: CLAIM_COST },
  },
};
