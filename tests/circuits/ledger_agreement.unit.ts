import t from 'tap';
import { loadPoseidon } from '../../node/payloads/poseidon.ts';
import { programOf, spoilt, standingCases, takes, totalCases } from './ledger_cases.ts';

const field = await loadPoseidon();

t.test('the circuit sums receipts as the ledger does', async (t) => {
  const program = await programOf('epoch-total');
  let count = 0;
  for (const input of totalCases(field, 1)) {
    if (count++ === 10) break;
    t.ok(await takes(program, input));
    for (const wrong of spoilt(input, ['root', 'total'])) t.notOk(await takes(program, wrong));
  }
});

t.test('the circuit reads accounts as the ledger writes them', async (t) => {
  const program = await programOf('standing');
  let count = 0;
  for (const input of standingCases(field, 2)) {
    if (count++ === 10) break;
    t.ok(await takes(program, input));
    for (const wrong of spoilt(input, ['root', 'secret'])) t.notOk(await takes(program, wrong));
  }
});
