import { rmSync } from 'node:fs';
import t from 'tap';
import { commands, desk, typed } from './ceremony.ts';

t.setTimeout(580_000);

t.test('powers of tau as the document makes and checks them, of a size that takes seconds', async (t) => {
  const folder = desk();
  t.teardown(() => rmSync(folder, { recursive: true }));
  const { check, powers } = commands();
  const small = (line: string) => line.replaceAll('pot13', 'small').replace(' 13 ', ' 4 ');
  let said = '';
  for (const line of [...powers!, ...check!]) said += await typed(small(line), folder, folder);
  t.match(said, /Powers of Tau Ok!/);
});
