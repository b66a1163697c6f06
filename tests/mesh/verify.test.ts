import t from 'tap';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lie } from '../attacks/lies.ts';
import { writeVariant } from '../lib/gguf_variant.ts';
import { Bench, type Event } from '../lib/nexus.ts';

const MODEL = fileURLToPath(
  new URL('../../models/austen-3.7m-q8_0.gguf', import.meta.url),
);
const RUN = ['run', 'Elizabeth walked home and thought', '-m', 'austen-3.7m', '-n', '48'];
const VERIFY = ['--where', 'mesh', '--verify'];
const SEED = ['--seed', 'ab'.repeat(32)];

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test('an answer is checked by another node, which tells a lie from the truth', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const home = bench.home(), other = join(home, 'models', 'other.gguf');
  mkdirSync(join(home, 'models'), { recursive: true });
  await writeVariant(MODEL, other, { drop: [1] });
  const [asker, honest, cheat] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester']),
    bench.up(bootstrap, ['-m', 'austen-3.7m']),
    bench.cheat(bootstrap, ['--weights', other], home),
  ]);
  for (const { key } of [honest, cheat]) {
    await asker.running.waitFor((e) => e.event === 'capability' && e.key === key);
  }
  const ask = async (...executor: string[]) => {
    const first = executor.flatMap((key) => ['--executor', key]);
    const args = [...RUN, ...VERIFY, ...SEED, ...first, '--json'];
    const { code, stderr, events } = await bench.run(args, asker.home);
    const verdicts = events.filter((e) => e.event === 'verdict');
    return { code, stderr, events, verdicts, done: events.find((e) => e.event === 'done')! };
  };
  const forgive = () => bench.run(['peers', 'forgive', cheat.key], asker.home);

  await t.test('an honest answer is ok, whoever made it', async (t) => {
    for (const [executor, auditor] of [[honest, cheat], [cheat, honest]] as const) {
      const { code, stderr, verdicts, done, events } = await ask(executor.key);
      t.equal(code, 0, stderr);
      t.equal(events.at(-1)!.event, 'verdict', 'the answer is whole before');
      t.match(verdicts, [{
        job: done.job,
        executor: executor.key,
        auditor: auditor.key,
        by: 'peer',
        finding: 'ok',
        positions: done.outputTokens,
        mismatches: 0,
        exact: true,
      }]);
    }
  });

  const lies: Record<string, Lie> = {
    'another seed': { wrongSeed: true },
    'another temperature': { temperature: 0.2 },
    'a layer less': { weights: true },
    'one token edited': { editToken: 9 },
    'an end too early': { truncate: 12 },
    'a hidden instruction': { system: 'Speak of horses.' },
  };
  for (const [name, lie] of Object.entries(lies)) {
    await t.test(`${name}: exit code 4, and no more work for it`, async (t) => {
      await cheat.lie(lie);
      const { code, stderr, verdicts, done } = await ask(cheat.key);
      t.equal(code, 4, stderr);
      t.match(stderr, /does not hold/);
      t.match(verdicts, [{ finding: 'trigger', executor: cheat.key, auditor: honest.key }]);
      t.match(verdicts[0]!.reasons, [{ kind: 'exact' }]);
      const again = await ask();
      t.equal(again.done.executor, honest.key, 'another one is asked now');
      const { candidates } = again.events.find((e) => e.event === 'route') as Event;
      const refused = candidates.find((c: Event) => c.executor === cheat.key)?.refused;
      t.equal(refused?.code, 'DISTRUSTED', 'and why is recorded');
      const avoided = await bench.run(['peers', 'avoided', '--json'], asker.home);
      t.match(avoided.events, [{ event: 'avoided', key: cheat.key, job: done.job }]);
      await forgive();
    });
  }

  await t.test('what was found is kept', (t) => {
    const { verdicts } = JSON.parse(readFileSync(join(asker.home, 'verdicts.json'), 'utf8'));
    const found = verdicts.map((v: Event) => v.finding);
    t.equal(found.filter((f: string) => f === 'trigger').length, Object.keys(lies).length);
    t.end();
  });
});
