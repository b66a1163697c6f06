import type { LedgerRows } from './ledger_rows.ts';

/** Cuts: as many take no witness to fold, and to log that it has. */
const LAG = 16;
const ROOT = 8;

/** What is to be done where the witnesses vouch for another root. */
export const DIFFERS_MEND =
  'bring Nexus to the version that the witnesses run; where it is, or the ' +
  'root still differs then, hold payments back and show the owners of the witnesses what ' +
  '`nexus audit --ledger --json` says';

/**
 * That the witnesses vouch for another root than follows here, or for none of the newest cuts, for
 * people; null where they agree.
 */
export function vouchingText(
  { epoch, certified, differs }: Pick<LedgerRows, 'epoch' | 'certified' | 'differs'>,
): string | null {
  if (differs !== null) {
    const [theirs, own] = [differs.certified, differs.root].map((root) => root.slice(0, ROOT));
    return `from cut ${differs.epoch} on the witnesses vouch for another root (${theirs}, here ` +
      `${own}): balances here are not the network's`;
  }
  if (epoch === null) return null;
  const behind = epoch - (certified?.epoch ?? -1);
  if (behind <= LAG) return null;
  return certified === null
    ? `more than two thirds of the witnesses have vouched for no root yet, ${epoch + 1} cuts on`
    : `the witnesses vouch for no root after cut ${certified.epoch}, ${behind} cuts ago`;
}
