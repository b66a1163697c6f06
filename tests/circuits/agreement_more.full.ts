import t from 'tap';
import { agreement } from './agreement.ts';
import { programOf } from './ledger_cases.ts';

t.test('and 5,000 more: two processes share 10,000 draws', { timeout: 580_000 }, async (t) => {
  await agreement(t, await programOf('sample'), 105_000, 110_000);
});
