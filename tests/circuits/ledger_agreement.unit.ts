import t from 'tap';
import { loadPoseidon } from '../../node/poseidon/mod.ts';
import { disagreements, programOf, standingCases, totalCases } from './ledger_cases.ts';

const field = await loadPoseidon();

t.test('the circuit sums receipts as the ledger does', async (t) => {
  const program = await programOf('epoch-total');
  const cases = totalCases(field, 1);
  t.same(await disagreements(program, cases, 30, ['root', 'total']), []);
});

t.test('the circuit reads accounts as the ledger writes them', async (t) => {
  const program = await programOf('standing');
  const cases = standingCases(field, 1);
  t.same(await disagreements(program, cases, 30, ['root', 'secret']), []);
});
