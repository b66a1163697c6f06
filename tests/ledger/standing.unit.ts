import t from 'tap';
import type { Member } from '../../feeds/ledger/member.ts';
import { exposureOf } from '../../feeds/ledger/standing.ts';
import { defaultLedgerRules, defaultRules } from '../../node/network/mod.ts';

const rules = defaultLedgerRules(), audit = defaultRules();

function exposure(account: Partial<Member['account']>) {
  const whole = { bonded: 100_000, unbonding: [], owed: 0, ...account };
  return exposureOf(
    { account: whole, clean: 0, proven: false, unsettled: 0 } as never,
    audit,
    rules,
  );
}

t.test('only what an executor owns of its bond, and leaves there, covers its work', (t) => {
  const { cap, n } = exposure({});
  t.equal(cap, 100_000 / n);
  t.equal(exposure({ owed: 60_000 }).cap, 40_000 / n);
  t.equal(exposure({ owed: 60_000, unbonding: [{ amount: 20_000, cut: 9 }] }).cap, 20_000 / n);
  t.match(exposure({ owed: 100_001 }), { cap: 0, covered: false }, 'a slash would cost it nothing');
  t.end();
});
