import type { LedgerRules } from '../../feeds/ledger/mod.ts';
import type { PrintRules } from '../../feeds/fingerprints/mod.ts';
import type { AuditRules } from './audit_rules.ts';
import { DEV_AUDIT, DEV_LEDGER } from './ledger_rules.ts';
import { DEV_MEASURED, MEASURED } from './print_rules.ts';

/** Verified epochs that a false claim costs: half of what makes a newcomer's reputation a half. */
const CLAIM_COST = 10;

/** What a work probe costs: 24 jobs alone, some at once, a context, in output tokens. */
const PROBE_TOKENS = 4_096;

/** How money begins in a new network. */
export type PresetName = 'dev' | 'open';

const MEASURED_LEDGER: Partial<LedgerRules> = {
  probeTokens: PROBE_TOKENS,
  claimCost: CLAIM_COST,
};

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
    ledger: { ...DEV_LEDGER, ...MEASURED_LEDGER },
  },
  open: {
    about: 'money only for the identities that are named, and no credit without a bond',
    audit: {},
    prints: MEASURED,
    ledger: MEASURED_LEDGER,
  },
};
