import type { Tone } from '../draw/mod.ts';
import type { Account, OwnAccount, State } from '../state/mod.ts';

/** Somebody's account, with the name that the mesh knows. */
export interface Holder extends Account {
  name: string | null;
  self: boolean;
}

/** All accounts that the node tells of. */
export function holdersOf({ ledger, peers, status }: State): Holder[] {
  return (ledger?.accounts ?? []).map((account) => ({
    ...account,
    name: peers.get(account.key)?.name ?? null,
    self: account.key === status?.key,
  }));
}

/** What it has, whether it may be spent or not. */
export function worth({ available, escrow, pending, bonded, owed }: Account): number {
  return available + escrow + pending + bonded - owed;
}

/** What an account stands for in a word, with a mark that needs no colour. */
export function credence(account: Account): { text: string; tone: Tone } {
  if (account.banned) return { text: '! banned', tone: 'bad' };
  if (account.violations > 0) return { text: '! slashed', tone: 'bad' };
  if (account.unbonding > 0) return { text: '~ unbonds', tone: 'warn' };
  if (account.owed > 0) return { text: '~ owes', tone: 'warn' };
  if (account.bonded > 0) return { text: 'bonded', tone: 'good' };
  return { text: account.verified > 0 ? 'ok' : 'new', tone: 'dim' };
}

/** A share of one for people. */
export function percent(part: number): string {
  const all = part * 100;
  return `${all > 0 && all < 9.95 ? all.toFixed(1) : Math.round(all)}%`;
}

/** More earnings are open than the bond covers. */
export function isUncovered({ unsettled, cap }: OwnAccount): boolean {
  return unsettled > cap;
}
