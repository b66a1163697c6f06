import t from 'tap';
import fc from 'fast-check';
import { formatNcu, NCU, parseNcu } from '../../feeds/base/mod.ts';

t.test('amounts are read exactly as they are written', (t) => {
  t.equal(parseNcu('12'), 12 * NCU);
  t.equal(parseNcu(' 0.5 NCU'), 500_000);
  t.equal(parseNcu('3.000001'), 3_000_001);
  t.equal(parseNcu('0.1') + parseNcu('0.2'), parseNcu('0.3'));
  t.equal(formatNcu(-1), '-0.000001');
  t.end();
});

t.test('what is no such amount is refused, with the least that is one', (t) => {
  const no = ['', '.', '1.', '.5', '-1', '+1', '1e3', '0x10', '1,5', '1.0000001', '1 2', '∞', '١'];
  // The last is more than a whole number holds.
  for (const text of [...no, '0', '9999999999']) {
    t.throws(() => parseNcu(text), { code: 'AMOUNT_INVALID', hint: /0\.000001/ }, text);
  }
  t.equal(parseNcu('0', 0), 0);
  t.throws(() => parseNcu('1.5', 2 * NCU, 'a bond'), { message: '"1.5" is not a bond in NCU' });
  t.end();
});

t.test('what was written is read again', (t) => {
  const amount = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  fc.assert(fc.property(amount, (micro) => {
    t.equal(parseNcu(formatNcu(micro)), micro);
  }));
  t.end();
});
