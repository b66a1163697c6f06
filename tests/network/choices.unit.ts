import t from 'tap';
import { NCU } from '../../feeds/base/mod.ts';
import {
  coefficientFrom,
  defaultLedgerRules,
  defaultRules,
  grantsFrom,
  rulesFrom,
  witnessesFrom,
} from '../../node/network/mod.ts';

const SELF = new Uint8Array(32).fill(1), OTHER = 'ab'.repeat(32);

t.test('witnesses are named by key, with a weight, or as this machine', (t) => {
  const witnesses = witnessesFrom(['self', `${OTHER}:3`], SELF);
  t.same(witnesses, [
    { key: SELF, weight: 1 },
    { key: new Uint8Array(32).fill(0xab), weight: 3 },
  ]);
  t.same(witnessesFrom([`self:2,${OTHER}`], SELF).map(({ weight }) => weight), [2, 1]);
  for (
    const wrong of [['me'], ['self:0'], ['self', 'self:2'], [OTHER.slice(2)], ['self:1000001']]
  ) {
    t.throws(() => witnessesFrom(wrong, SELF), { code: 'WITNESS_INVALID' });
  }
  t.end();
});

t.test('rules are changed by name, within their bounds', (t) => {
  t.same(rulesFrom(['epochMs=500']), { rules: { ...defaultRules(), epochMs: 500 }, ledger: null });
  for (const wrong of ['epochMs', 'epochMs=', '=5', 'epochMs=1', 'epochMs=1.5', 'epoch=500']) {
    t.throws(() => rulesFrom([wrong]), { code: 'RULE_INVALID' });
  }
  t.throws(() => rulesFrom(['epochMS=500']), { code: 'RULE_INVALID', hint: /epochMs\?/ });
  t.end();
});

t.test('a preset gives a ledger its rules, and each may be given otherwise', (t) => {
  const open = rulesFrom([], 'open');
  t.same(open, {
    rules: { ...defaultRules(), printChallengers: 3 },
    ledger: { ...defaultLedgerRules(), probeTokens: 4_096, claimCost: 10 },
  });
  t.equal(rulesFrom([]).rules.printChallengers, 0, 'nobody is measured unless a preset says so');
  t.equal(open.ledger!.grant, 0, 'keys cost nothing, so nothing is given for one');
  t.equal(open.ledger!.creditLimit, 0);
  const dev = rulesFrom(['feeShare=0', 'epochMs=400'], 'dev');
  t.equal(dev.rules.epochMs, 400, 'what is said beats the preset');
  t.ok(dev.rules.challengeCuts < open.rules.challengeCuts);
  t.ok(dev.ledger!.unbondCuts > dev.rules.challengeCuts, 'a bond outlives its challenges');
  t.equal(dev.ledger!.feeShare, 0);
  t.equal(rulesFrom(['grant=2.5NCU'], 'dev').ledger!.grant, 2_500_000);
  t.equal(rulesFrom(['grant=2500000'], 'dev').ledger!.grant, 2_500_000);
  t.throws(() => rulesFrom(['grant=2.5'], 'dev'), { code: 'RULE_INVALID', hint: /grant=2.5NCU/ });
  t.throws(() => rulesFrom(['gant=5'], 'dev'), { code: 'RULE_INVALID', hint: /grant\?/ });
  t.throws(() => rulesFrom(['grant=5NCU']), { code: 'RULE_INVALID', hint: /--preset/ });
  t.throws(() => rulesFrom(['slashLeast=300'], 'open'), { message: /slashLeast is above/ });
  t.throws(() => rulesFrom(['epochMs=1NCU'], 'dev'), { code: 'RULE_INVALID' });
  t.throws(() => rulesFrom(['grant=-1'], 'dev'), { code: 'RULE_INVALID' });
  t.end();
});

t.test('first balances are named by key, in NCU', (t) => {
  t.same(grantsFrom(['self:2.5', `${OTHER.toUpperCase()}:1000 NCU`], SELF), [
    { key: SELF, amount: 2_500_000 },
    { key: new Uint8Array(32).fill(0xab), amount: 1000 * NCU },
  ]);
  for (const wrong of ['self', 'self:', 'self:0', 'self:-1', 'me:5', 'self:1e3', `${OTHER}`]) {
    t.throws(() => grantsFrom([wrong], SELF), { code: 'GRANT_INVALID' }, wrong);
  }
  t.throws(() => grantsFrom(['self:1,self:2'], SELF), { code: 'GRANT_INVALID' });
  t.end();
});

t.test('coefficients are whole micro-NCU a token', (t) => {
  t.same(coefficientFrom('austen-3.7m=4/15'), { model: 'austen-3.7m', prompt: 4, output: 15 });
  for (const wrong of ['austen-3.7m', 'austen-3.7m=4', 'a=1/0', 'a=-1/2', 'a=1.5/2', '=1/2']) {
    t.throws(() => coefficientFrom(wrong), { code: 'COEFFICIENT_INVALID' }, wrong);
  }
  t.end();
});
