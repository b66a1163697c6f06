import { cpuUsage } from 'node:process';
import { type Account, FieldAccounts } from '../feeds/ledger/mod.ts';
import { loadPoseidon } from '../node/poseidon/mod.ts';
import { accountOf, keyOf } from '../tests/ledger/accounts.ts';
import { median } from './lib.ts';
import type { Figure } from './lib.ts';

/** Accounts whose money moves from one cut to the next. */
const CHANGED = 100;
const TIMES = 5;

/** The tree of field elements that is built beside the fold: all of it, and from cut to cut. */
export async function poseidonTree(accounts: number): Promise<Figure> {
  const field = await loadPoseidon();
  const of = (available: number): Account[] =>
    Array.from(
      { length: accounts },
      (_, n) => accountOf(keyOf(n), { available: n < CHANGED ? available : n }),
    );
  let tree = new FieldAccounts(field, []);
  const first = of(0), whole = timed(() => tree = new FieldAccounts(field, first));
  const roots = new Set([tree.root().join()]);
  const changes = Array.from({ length: TIMES }, (_, i) => {
    const next = of(i + 1), ms = timed(() => tree = new FieldAccounts(field, next, tree));
    roots.add(tree.root().join());
    return ms;
  });
  if (roots.size !== TIMES + 1) throw new Error('nothing has changed: this measures nothing');
  return {
    name: 'ledger: Poseidon tree, beside the fold',
    measured: `${(whole / accounts).toFixed(2)} ms an account (${accounts}); ` +
      `${(median(changes) / CHANGED).toFixed(2)} ms an account that changed (${CHANGED} a cut)`,
    goal: 'told',
    met: true,
  };
}

/** Processor time, milliseconds. */
function timed(work: () => void): number {
  const before = cpuUsage();
  work();
  const { user, system } = cpuUsage(before);
  return (user + system) / 1000;
}
