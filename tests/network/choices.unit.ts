import t from 'tap';
import { defaultRules, rulesFrom, witnessesFrom } from '../../node/network/mod.ts';

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
  t.same(rulesFrom(['epochMs=500']), { ...defaultRules(), epochMs: 500 });
  for (const wrong of ['epochMs', 'epochMs=', '=5', 'epochMs=1', 'epochMs=1.5', 'epoch=500']) {
    t.throws(() => rulesFrom([wrong]), { code: 'RULE_INVALID' });
  }
  t.end();
});
