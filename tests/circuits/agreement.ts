import type { Test } from 'tap';
import { type CircuitInput, sampleInput } from '../../circuits/mod.ts';
import { numbers, sampledFrom, statementFrom } from './positions.ts';

/**
 * Draws of the sampler against the circuit, five positions at a time: it takes the tokens that were
 * drawn, and of every tenth draw not those with another token at one of the positions.
 */
export async function agreement(
  t: Test,
  work: (input: CircuitInput) => Promise<void>,
  from: number,
  to: number,
): Promise<void> {
  let taken = 0, refused = 0;
  for (let seed = from; seed < to; seed += 5) {
    const { claim, shown, hidden, statement } = await sampledFrom(seed);
    await work(sampleInput(statement, hidden));
    taken += shown.length;
    if ((seed - from) % 10 !== 0) continue;

    const next = numbers(seed ^ 0xffff);
    const at = next() % shown.length, { ids, token } = shown[at]!;
    const others = ids.filter((id) => id !== token);
    const lie = shown.with(at, { ...shown[at]!, token: others[next() % others.length]! });
    try {
      await work(sampleInput(statementFrom(claim, lie), hidden));
      t.fail(`seed ${seed}: a token that was not drawn is taken at position ${at}`);
    } catch (thrown) {
      const { code, message } = thrown as { code?: string; message: string };
      if (code !== 'PROOF_PUBLICS' && !/Assert Failed/.test(message)) throw thrown;
      refused++;
    }
  }
  t.equal(taken, to - from);
  t.equal(refused, Math.ceil((to - from) / 10));
}
