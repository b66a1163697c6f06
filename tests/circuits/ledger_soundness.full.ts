import t from 'tap';
import { loadPoseidon } from '../../node/poseidon/mod.ts';
import type { Cheating } from './cheating.ts';
import { violated } from './r1cs.ts';
import {
  honestStanding,
  REAL_STANDING,
  standingCheating,
  standingCheats,
  standingInputs,
} from './standing_cheats.ts';
import {
  type Cheat,
  honestAmounts,
  REAL_TOTAL,
  totalCheating,
  totalCheats,
  totalInputs,
} from './total_cheats.ts';

t.setTimeout(600_000);

const field = await loadPoseidon();

/** Whatever the compiler made of the groups: no cheat gets through, and no signal is loose. */
async function sound(of: Cheating, cheats: readonly Cheat[], inputs: Cheat['input'][]) {
  const found: string[] = [];
  for (const [seed, input] of inputs.entries()) {
    const witness = await of.honest(input);
    if (violated(of.circuit.r1cs, witness).length > 0) found.push(`honest inputs ${seed}`);
    found.push(...of.unbound(witness, seed));
  }
  for (const { name, input, change } of cheats) {
    const witness = await of.witness(input, change);
    if (violated(of.circuit.r1cs, witness).length === 0) found.push(name);
  }
  return found;
}

t.test('the total of a batch, as its key has it', async (t) => {
  const of = await totalCheating(REAL_TOTAL, 'O2');
  const inputs = [1, 2, 3].map((seed) =>
    totalInputs(field, REAL_TOTAL, honestAmounts(REAL_TOTAL, seed), seed)
  );
  t.same(await sound(of, totalCheats(field, REAL_TOTAL), inputs), []);
});

t.test('a standing, as its key has it', async (t) => {
  const of = await standingCheating(REAL_STANDING, 'O2');
  const inputs = [1, 2, 3].map((seed) =>
    standingInputs(field, REAL_STANDING, honestStanding(REAL_STANDING, seed), seed)
  );
  t.same(await sound(of, standingCheats(field, REAL_STANDING), inputs), []);
});
