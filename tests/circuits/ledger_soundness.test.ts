import t, { type Test as Tap } from 'tap';
import { loadPoseidon } from '../../node/poseidon/mod.ts';
import type { Cheating } from './cheating.ts';
import {
  honestStanding,
  SMALL_STANDING,
  standingCheating,
  standingCheats,
  standingInputs,
} from './standing_cheats.ts';
import {
  type Cheat,
  honestAmounts,
  SMALL_TOTAL,
  totalCheating,
  totalCheats,
  totalInputs,
} from './total_cheats.ts';
import { violated } from './r1cs.ts';

const field = await loadPoseidon();

/** Each cheat is noticed by the constraints of its group, and by no other one. */
async function cheats(t: Tap, of: Cheating, all: readonly Cheat[]): Promise<void> {
  for (const { name, blames, input, change } of all) {
    const blamed = of.blamed(await of.witness(input, change));
    t.ok(blamed.length > 0, `${name}: noticed`);
    t.same(blamed.filter((signals) => !blames.test(signals)), [], `${name}: only by its group`);
  }
}

t.test('the total of a batch: what each group of constraints keeps out', async (t) => {
  const of = await totalCheating(SMALL_TOTAL, 'O1');
  const input = totalInputs(field, SMALL_TOTAL, honestAmounts(SMALL_TOTAL, 3));
  t.same(violated(of.circuit.r1cs, await of.honest(input)), []);
  t.same(violated(of.circuit.r1cs, await of.witness(input)), [], 'both programs agree');
  await cheats(t, of, totalCheats(field, SMALL_TOTAL));
  t.same(of.unbound(await of.honest(input), 1), [], 'no signal can be exchanged alone');
});

t.test('a standing: what each group of constraints keeps out', async (t) => {
  const of = await standingCheating(SMALL_STANDING, 'O1');
  for (let seed = 0; seed < 6; seed++) {
    const input = standingInputs(field, SMALL_STANDING, honestStanding(SMALL_STANDING, seed), seed);
    t.same(violated(of.circuit.r1cs, await of.honest(input)), []);
    t.same(violated(of.circuit.r1cs, await of.witness(input)), [], 'both programs agree');
  }
  await cheats(t, of, standingCheats(field, SMALL_STANDING));
  const input = standingInputs(field, SMALL_STANDING, honestStanding(SMALL_STANDING, 5));
  t.same(of.unbound(await of.honest(input), 1), [], 'no signal can be exchanged alone');
});
