import t from 'tap';
import { loadPoseidon } from '../../node/poseidon/mod.ts';
import { disagreements, programOf, standingCases, totalCases } from './ledger_cases.ts';

const field = await loadPoseidon();

t.test('the circuit sums receipts as the ledger does', { timeout: 580_000 }, async (t) => {
  const program = await programOf('epoch-total');
  const cases = totalCases(field, 2);
  t.same(await disagreements(program, cases, 5000, ['root', 'total']), []);
});

t.test('the circuit reads accounts as the ledger writes them', { timeout: 580_000 }, async (t) => {
  const program = await programOf('standing');
  const cases = standingCases(field, 2);
  t.same(await disagreements(program, cases, 1000, ['root', 'secret']), []);
});
