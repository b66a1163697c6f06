import t from 'tap';
import fc from 'fast-check';
import { NCU, ncuText, parseNcu } from '../../feeds/base/mod.ts';

t.test('amounts are read exactly as they are written', (t) => {
  t.equal(parseNcu('12'), 12 * NCU);
  t.equal(parseNcu(' 0.5 '), 500_000);
  t.equal(parseNcu('3.000001'), 3_000_001);
  t.equal(parseNcu('0.1')! + parseNcu('0.2')!, parseNcu('0.3'));
  for (
    const not of [
      '',
      '.',
      '1.',
      '.5',
      '-1',
      '+1',
      '1e3',
      '0x10',
      '1,5',
      '1.0000001',
      '1 2',
      '∞',
      '١',
    ]
  ) {
    t.equal(parseNcu(not), null, not);
  }
  t.equal(parseNcu('9999999999'), null, 'more than a whole number holds');
  t.equal(ncuText(-1), '-0.000001');
  t.end();
});

t.test('what was written is read again', (t) => {
  fc.assert(fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (micro) => {
    return parseNcu(ncuText(micro)) === micro && ncuText(-micro) === ncuText(micro).replace(
          /^(?=.*[1-9])/,
          '-',
        );
  }));
  t.end();
});
