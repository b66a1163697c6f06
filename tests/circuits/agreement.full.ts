import t from 'tap';
import { agreement } from './agreement.ts';
import { programOf } from './ledger_cases.ts';

t.test(
  'the circuit and the sampler agree in 5,000 random draws',
  { timeout: 580_000 },
  async (t) => {
    await agreement(t, await programOf('sample'), 100_000, 105_000);
  },
);
