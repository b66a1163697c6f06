import type { Hex, Place } from '../trust/mod.ts';
import type { Account, MicroNcu } from './types.ts';

/** Verdicts against one executor that are remembered, for whoever found it is to be paid. */
export const MOST_AGAINST = 1024;

/** An account with what the fold alone needs to know of its owner. Plain data. */
export interface Member {
  account: Account;
  /** An entry of it stood in a cut: it was given its grant. */
  seen: boolean;
  /** Clean audits in a row, as of its newest one: the rate of its audits follows from them. */
  clean: number;
  /** Audits of its work that are over, and those of them that could not tell. */
  closed: number;
  inconclusive: number;
  /** Newest epochs with a clean audit, and with one that was not; -1: none yet. */
  okAt: number;
  badAt: number;
  /** Its lifetime test crossed its limit: its reputation stays 0. */
  proven: boolean;
  /** Subjects of it before a panel. */
  panels: Hex[];
  /** Cut of the newest panel that found something; -1: none. */
  suspectAt: number;
  /** Gross of its payments that are not free, and of its answers that wait for their settlement. */
  unsettled: MicroNcu;
  /** Verdicts that spoke against it, the newest last. */
  against: { subject: Hex; auditor: Hex; place: Place | null }[];
}

export function newMember(key: Hex): Member {
  return {
    account: {
      key,
      available: 0,
      escrow: 0,
      pending: 0,
      bonded: 0,
      unbonding: [],
      owed: 0,
      reputation: 0,
      violations: 0,
      status: 'active',
      verified: 0,
      failed: 0,
      served: 0,
      earned: 0,
      spent: 0,
      secret: null,
    },
    seen: false,
    clean: 0,
    closed: 0,
    inconclusive: 0,
    okAt: -1,
    badAt: -1,
    proven: false,
    panels: [],
    suspectAt: -1,
    unsettled: 0,
    against: [],
  };
}
