import t from 'tap';
import type { Lie } from '../attacks/lies.ts';
import { Bench } from '../lib/nexus.ts';
import { worldOf } from './verifying.ts';

t.setTimeout(600_000);

const LIES: Record<string, Lie> = {
  'another temperature': { temperature: 0.2 },
  'one token edited': { editToken: 9 },
  'an end too early': { truncate: 12 },
  'a hidden instruction': { system: 'Speak of horses.' },
};

t.test('every lie is told by a node of the same class', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const { honest, cheat, ask, forgive } = await worldOf(bench);
  for (const [name, lie] of Object.entries(LIES)) {
    await t.test(`${name}: exit code 4`, async (t) => {
      await cheat.lie(lie);
      const { code, stderr, verdicts } = await ask(cheat.key);
      t.equal(code, 4, stderr);
      t.match(verdicts, [{ finding: 'trigger', executor: cheat.key, auditor: honest.key }]);
      t.match(verdicts[0]!.reasons, [{ kind: 'exact' }]);
      await forgive();
    });
  }
});
