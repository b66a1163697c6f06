import { readFile } from 'node:fs/promises';
import t from 'tap';
import { agreement } from './agreement.ts';
import { checkerOf } from './witness.ts';

t.test(
  'the circuit and the sampler agree in 10,000 random draws',
  { timeout: 3_600_000 },
  async (t) => {
    const wasm = await readFile(new URL('../../circuits/keys/sample.wasm', import.meta.url));
    await agreement(t, await checkerOf(wasm), 100_000, 110_000);
  },
);
