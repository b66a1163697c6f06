import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { readKept } from '../../bench/economy/kept.ts';
import { honestOf, lineOf, rowsOf } from '../../bench/economy/table.ts';

const HERE = new URL('../../', import.meta.url);
/** What docs/economics.md tells of: the benchmark's own size. */
const SIZE = { nodes: 1000, jobs: 100_000, epochs: 80 }, RATES = [1, 0.1, 0.01];

const cellsOf = (line: string) => line.split('|').slice(1, -1).map((cell) => cell.trim());

t.test('the table of simulated strategies is what the kept histories come to', async (t) => {
  const page = await readFile(new URL('docs/economics.md', HERE), 'utf8');
  const kept = await readKept(fileURLToPath(new URL('bench/economy/histories.jsonl', HERE)));
  const lines = page.split('\n').map(cellsOf);
  const head = lines.findIndex(([first, second]) => first === 'strategy' && second === 'audited');
  const told = lines.slice(head + 2, lines.findIndex((cells, i) => i > head && cells.length === 0));
  const rows = RATES.flatMap((rate) => rowsOf(kept, SIZE, rate));
  t.ok(rows.length > 0);
  t.strictSame(told, rows.map(lineOf).map(cellsOf));
});

t.test('no honest node of the kept histories was slashed', async (t) => {
  const kept = await readKept(fileURLToPath(new URL('bench/economy/histories.jsonl', HERE)));
  for (const rate of RATES) {
    for (const { falseSlashes, honestLoss } of honestOf(kept, SIZE, rate)) {
      t.equal(falseSlashes, 0);
      t.ok(honestLoss < 0.001, `${honestLoss}`);
    }
  }
});
