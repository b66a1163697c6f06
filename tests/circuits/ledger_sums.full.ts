import t from 'tap';
import { loadPoseidon } from '../../node/poseidon/mod.ts';
import { disagreements, programOf, totalCases } from './ledger_cases.ts';

const field = await loadPoseidon();

t.test('and 5,000 more: two processes share 10,000 sums', { timeout: 580_000 }, async (t) => {
  const program = await programOf('epoch-total');
  const cases = totalCases(field, 3);
  t.same(await disagreements(program, cases, 5000, ['root', 'total']), []);
});
