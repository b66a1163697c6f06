import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { readCalibrationFile } from '../../node/calibration/mod.ts';
import { undocumented } from '../lib/docs.ts';
import { Bench } from '../lib/nexus.ts';

const MODEL = ['-m', 'austen-3.7m'];

t.test('honest deviation is measured and logged, by the home or its running node', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const home = bench.home();
  const args = ['calibrate', ...MODEL, '--jobs', '6', '--json'];
  const { code, events, stderr } = await bench.run(args, home);
  t.equal(code, 4, `a sample that is too small: ${stderr}`);
  t.same(undocumented('calibrate', events), []);
  const [own, other] = events.filter(({ event }) => event === 'calibration');
  t.equal(own!.sufficient, false);
  t.equal(own!.executorClass, own!.auditorClass);
  t.not(other!.executorClass, other!.auditorClass);
  t.equal(own!.profile, other!.profile, 'the stand-in has the weights of the model');
  t.same(own!.margins.map(({ name }: { name: string }) => name), ['ordinary', 'long', 'noisy']);
  for (const { counts } of own!.b1) t.ok(counts.slice(1).every((n: number) => n === 0), 'exact');
  const written = (list: typeof events) =>
    list.filter(({ event }) => event === 'logged').map(({ hash }) => hash);
  t.same(written(events), [own!.hash, other!.hash]);

  const bootstrap = await bench.dht();
  const node = await bench.up(bootstrap, MODEL, home);
  const again = await bench.run([...args, '--class', 'own'], home);
  t.equal(written(again.events).length, 1, again.stderr);
  const told = await node.running.waitFor(({ event }) => event === 'calibration');
  t.same([told.hash], written(again.events));
  t.same(undocumented('up', [told]), []);
  await node.running.stop();
  const audit = await bench.run(['audit', '--json'], home);
  t.equal(audit.code, 0, 'the entries belong where they are');
});

t.test('what is measured can be kept as a file; an interrupted measurement leaves none', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const home = bench.home(), file = join(home, 'a.json');
  const args = ['calibrate', ...MODEL, '--class', 'own', '--write', file, '--json'];
  const running = bench.start([...args, '--jobs', '3000'], home);
  while (!/own class: \d+ %/.test(running.stderr)) {
    await new Promise((resolve) => running.child.stderr!.once('data', resolve));
  }
  running.child.kill('SIGINT');
  t.equal((await running.ended).code, 130);
  t.notOk(existsSync(file));

  const { events } = await bench.run([...args, '--jobs', '3'], home);
  const [entry] = readCalibrationFile(readFileSync(file, 'utf8'));
  t.equal(toHex(entry!.hash), events.find(({ event }) => event === 'calibration')!.hash);
  t.notOk(events.some(({ event }) => event === 'logged'));
});

t.test('what cannot be measured is refused', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const home = bench.home();
  const code = async (...args: string[]) => {
    const run = await bench.run(['calibrate', '--json', ...args], home);
    return [run.code, run.events.at(-1)?.code];
  };
  t.same(await code(...MODEL, '--class', 'gpu'), [2, 'USAGE']);
  t.same(await code(...MODEL, '--jobs', '2'), [2, 'USAGE']);
  t.same(await code('-m', 'smollm2-135m'), [1, 'MODEL_ABSENT']);
});
