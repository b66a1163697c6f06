import fc from 'fast-check';
import t from 'tap';
import { attemptCost, priceAsked } from '../../feeds/ledger/mod.ts';

t.test('the price that a cost was made with is found again', (t) => {
  fc.assert(fc.property(
    fc.nat(1_000_000),
    fc.record({ prompt: fc.nat(100_000), output: fc.integer({ min: 1, max: 100_000 }) }),
    fc.nat(100_000),
    fc.integer({ min: 1, max: 30_000 }),
    (price, coefficients, promptTokens, tokens) => {
      const cost = attemptCost(price, coefficients, promptTokens, tokens);
      return cost === Number.MAX_SAFE_INTEGER ||
        priceAsked(cost, coefficients, promptTokens, tokens) === price;
    },
  ));
  t.pass('held for all');
  t.equal(priceAsked(668, { prompt: 4, output: 15 }, 17, 40), 15);
  t.equal(priceAsked(667, { prompt: 4, output: 15 }, 17, 40), 14, 'never more than was asked');
  t.equal(priceAsked(9, { prompt: 4, output: 15 }, 17, 0), 0);
  t.end();
});
