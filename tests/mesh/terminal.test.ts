import t from 'tap';
import { Bench, descendants, longAnswer, type Running, survivors } from '../lib/nexus.ts';

const LOCAL = ['--where', 'local'];
const SHORT = ['run', '-m', 'austen-3.7m', '-n', '12', '--seed', '11'.repeat(32), ...LOCAL];

/** The processes of a command while it runs. */
function family({ child }: Running): number[] {
  return [child.pid!, ...descendants(child.pid!)];
}

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test('a terminal: interrupted, closed early, piped', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const home = bench.home();
  const long = await longAnswer(bench, home, LOCAL);

  await t.test('Ctrl-C in mid-answer ends all of it with 130', async (t) => {
    const run = bench.start([...long.args, ...LOCAL], home);
    await run.waitFor((e) => e.event === 'token');
    const pids = family(run);
    t.ok(pids.length >= 4, 'launcher, node, engine, feeds');
    run.kill('SIGINT');
    const { code } = await run.ended;
    t.equal(code, 130, run.stderr);
    t.strictSame(await survivors(pids), []);
    t.notMatch(run.stderr, /error/i);
  });

  await t.test('the launcher killed in mid-answer leaves nothing running', async (t) => {
    const run = bench.start([...long.args, ...LOCAL], home);
    await run.waitFor((e) => e.event === 'token');
    const pids = family(run);
    process.kill(run.child.pid!, 'SIGKILL');
    t.strictSame(await survivors(pids), []);
  });

  await t.test('a reader who leaves ends it quietly and soon', async (t) => {
    const args = long.args.filter((arg) => arg !== '--json');
    const run = bench.start([...args, ...LOCAL], home);
    await new Promise((resolve) => run.child.stdout!.once('data', resolve));
    const pids = family(run);
    run.child.stdout!.destroy();
    const { code } = await run.ended;
    t.equal(code, 0, run.stderr);
    t.equal(run.stderr, '');
    t.strictSame(await survivors(pids), []);
  });

  await t.test('stdin is the prompt, or its context', async (t) => {
    const [given, piped, both, one] = await Promise.all([
      bench.run([...SHORT, 'My dear sister,'], home),
      bench.run(SHORT, home, 'My dear sister,\n'),
      bench.run([...SHORT, 'My dear sister,'], home, 'how are you?\n'),
      bench.run([...SHORT, 'My dear sister,\n\nhow are you?'], home),
    ]);
    for (const { code, stderr } of [given, piped, both, one]) t.equal(code, 0, stderr);
    t.ok(given.stdout.trim().length > 0);
    t.equal(piped.stdout, given.stdout);
    t.equal(both.stdout, one.stdout);
    t.not(both.stdout, given.stdout);
  });

  await t.test('--json gives events alone, --quiet the answer alone', async (t) => {
    const json = await bench.run([...SHORT, '--json', 'My dear sister,'], home);
    t.equal(json.events.at(-1)!.event, 'done');
    const quiet = await bench.run([...SHORT, '--quiet', 'My dear sister,'], home);
    t.equal(quiet.stdout.trimEnd(), json.events.at(-1)!.text.trimEnd());
    t.equal(quiet.stderr, '');
  });

  await t.test('wrong usage ends with 2 and says what is meant', async (t) => {
    const wrong = [
      ['run', '--tempreature', '1', 'x'],
      ['rnu', 'x'],
      ['run', '-n', 'many', 'x'],
      ['run', '--where', 'moon', 'x'],
      ['run', '--seed', 'xyz', 'x'],
      ['run'],
      ['up', '--role', 'king'],
    ];
    const runs = await Promise.all(wrong.map((args) => bench.run(args, home)));
    for (const [i, { code, stdout, stderr }] of runs.entries()) {
      t.equal(code, 2, `${wrong[i]}: ${stderr}`);
      t.equal(stdout, '');
      t.match(stderr, /error:.*\n.*hint:/);
    }
    t.match(runs[0]!.stderr, /--temperature/);
    t.match(runs[1]!.stderr, /nexus run/);
  });

  await t.test('two runs on one fresh home, no node running: both answer', async (t) => {
    const fresh = bench.home();
    const runs = await Promise.all(
      ['a', 'b'].map(() => bench.run([...SHORT, 'My dear sister,'], fresh)),
    );
    for (const { code, stderr } of runs) t.equal(code, 0, stderr);
    t.equal(runs[0]!.stdout, runs[1]!.stdout);
  });
});
