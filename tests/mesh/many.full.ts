import t from 'tap';
import { Bench, type Event, memoryOf } from '../lib/nexus.ts';

const LINES = 64;
const PROMPTS = Array.from({ length: LINES }, (_, i) => `Letter ${i + 1}. My dear sister,`);
const RUN = ['run', '-m', 'austen-3.7m', '--where', 'mesh', '--seed', '5e'.repeat(32)];

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test('many jobs at once over three nodes', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const [asker, ...executors] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester']),
    bench.up(bootstrap, ['-m', 'austen-3.7m']),
    bench.up(bootstrap, ['-m', 'austen-3.7m']),
    bench.up(bootstrap, ['-m', 'austen-3.7m']),
  ]);
  const keys = executors.map(({ key }) => key);
  await Promise.all(
    keys.map((key) => asker.running.waitFor((e) => e.event === 'capability' && e.key === key)),
  );

  const jobs = new Set<string>();
  await t.test('none is lost, none comes twice, answers come in order', async (t) => {
    const args = [...RUN, '--lines', '-n', '24'];
    const stdin = PROMPTS.join('\n');
    const single = [...RUN, '-n', '24', '--json', PROMPTS[0]!];
    const [plain, json, ...singles] = await Promise.all([
      bench.run(args, asker.home, stdin),
      bench.run([...args, '--json'], asker.home, stdin),
      bench.run(single, asker.home),
      bench.run(single, asker.home),
    ]);
    for (const { code, stderr } of [plain, json, ...singles]) t.equal(code, 0, stderr);
    const ends = [json, ...singles].flatMap(({ events }) => events.filter(isDone));
    for (const { job } of ends) jobs.add(job);
    t.equal(ends.length, LINES + 2);
    t.equal(jobs.size, LINES + 2, 'each is a job of its own');
    const lines = json.events.filter(isDone).sort((a, b) => a.line - b.line);
    t.strictSame(lines.map(({ line }) => line), PROMPTS.map((_, i) => i + 1));
    const texts = lines.map(({ text }) => (text.endsWith('\n') ? text : `${text}\n`));
    t.equal(plain.stdout, texts.join(''), 'in the order of the lines');
    for (const { events } of singles) t.equal(events.at(-1)!.text, lines[0]!.text);
    t.ok(new Set(ends.map(({ executor }) => executor)).size > 1, 'more than one node worked');
    t.ok(ends.every(({ executor }) => keys.includes(executor)));
  });

  await t.test('a slow reader stalls nobody and fills no memory', async (t) => {
    const slow = bench.start([...RUN, '--lines', '-n', '150', '--json'], asker.home, {
      stdin: true,
    });
    slow.child.stdin!.end(PROMPTS.join('\n'));
    await slow.waitFor((e) => e.event === 'token');
    slow.pauseReading();
    const before = memoryOf(asker.pids.node);
    for (let i = 0; i < 3; i++) {
      const quick = await bench.run([...RUN, '-n', '60', '--json', PROMPTS[i]!], asker.home);
      t.equal(quick.code, 0, quick.stderr);
      jobs.add(quick.events.at(-1)!.job);
    }
    t.notOk(slow.events.some((e) => e.event === 'error'));
    const grown = memoryOf(asker.pids.node) - before;
    t.ok(grown < 64, `the node grew by ${grown.toFixed(0)} MB`);
    slow.resumeReading();
    const { code } = await slow.ended;
    t.equal(code, 0, slow.stderr);
    const ends = slow.events.filter(isDone);
    t.strictSame(ends.map(({ line }) => line).sort((a, b) => a - b), PROMPTS.map((_, i) => i + 1));
    const given = slow.events.filter((e) => e.event === 'failover').map(({ cause }) => cause.code);
    t.notOk(given.includes('REQUESTER_SLOW'), 'no executor gave up for it');
  });

  await t.test('all of them are in the logs, once', async (t) => {
    const audit = await bench.run(['audit', '--json'], asker.home);
    t.equal(audit.code, 0, audit.stdout + audit.stderr);
    const told = audit.events.filter((e) => e.event === 'job');
    t.equal(new Set(told.map(({ job }) => job)).size, told.length);
    t.equal(told.length, 3 * LINES + 2 + 3);
    for (const job of jobs) t.equal(told.find((e) => e.job === job)?.state, 'done');
  });
});

function isDone(event: Event): boolean {
  return event.event === 'done';
}
