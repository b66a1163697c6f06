import t from 'tap';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bench, longAnswer, survivors } from '../lib/nexus.ts';

const LOCAL = ['--where', 'local'];
const SHORT = ['run', '-m', 'austen-3.7m', '-n', '12', '--json', ...LOCAL, 'My dear sister,'];

const UP = ['--json', '-m', 'austen-3.7m', '--bootstrap', '127.0.0.1:9'];

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test('a home: one node, killed and restarted, damaged', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const up = await bench.up(bootstrap, ['-m', 'austen-3.7m']);
  const { home } = up;
  const long = await longAnswer(bench, home, LOCAL);

  await t.test('a second node on it is refused', async (t) => {
    const second = await bench.run(['up', '--json', '--host', bench.host], home);
    t.equal(second.code, 1);
    t.match(second.events.at(-1), { code: 'HOME_LOCKED', message: /runs already/, hint: /--home/ });
  });

  let jobs: string[] = [];
  await t.test('killed in mid-answer, it has lost nothing that was acknowledged', async (t) => {
    const runs = await Promise.all([1, 2, 3].map(() => bench.run(SHORT, home)));
    for (const { code, stderr } of runs) t.equal(code, 0, stderr);
    jobs = runs.map(({ events }) => events.at(-1)!.job);
    const run = bench.start([...long.args, ...LOCAL], home);
    await run.waitFor((e) => e.event === 'token');
    up.running.kill('SIGKILL');
    const { code } = await run.ended;
    t.equal(code, 1, 'the one who asked is told');
    t.match(run.events.at(-1), { event: 'error', code: 'NODE_LOST' });
    t.strictSame(await survivors(Object.values(up.pids)), []);

    const audit = await bench.run(['audit', '--json'], home);
    t.equal(audit.code, 0, audit.stdout + audit.stderr);
    for (const job of jobs) {
      t.equal(audit.events.find((e) => e.event === 'job' && e.job === job)?.state, 'done');
    }
    const again = await bench.run(SHORT, home);
    t.equal(again.code, 0, again.stderr);
    t.equal((await bench.run(['audit', '--json'], home)).code, 0);
  });

  await t.test('whichever process is killed, no other one stays behind', async (t) => {
    for (const which of ['node', 'launcher'] as const) {
      const { running, pids } = await bench.up(bootstrap, ['-m', 'austen-3.7m'], home);
      process.kill(which === 'node' ? pids.node : running.child.pid!, 'SIGKILL');
      t.strictSame(await survivors([...Object.values(pids), running.child.pid!]), [], which);
    }
  });

  /** A copy of the home, to be spoiled. */
  const copy = (): string => {
    const folder = bench.home();
    cpSync(home, folder, { recursive: true });
    return folder;
  };

  /** Ends by itself, soon, and says in one coded line what is wrong. */
  const complains = async (t: Test, folder: string, codes: RegExp, args = SHORT) => {
    const { code, events, stderr } = await bench.run(args, folder);
    t.ok(code !== 0 && code !== null, `it ended with ${code}`);
    t.match(events.at(-1)?.code, codes, stderr);
    t.match(events.at(-1)?.hint, /\w/);
    t.notMatch(stderr, /panicked|\n\s+at /);
  };

  await t.test('a store that is damaged', async (t) => {
    const folder = join(home, 'store', 'db');
    const whole = filesOf(folder).map((path) => ({ path, bytes: readFileSync(path) }));
    const spoilt = { flipped: /\.(sst|blob|log)$/, truncated: /CURRENT|MANIFEST/ };
    for (const [kind, names] of Object.entries(spoilt)) {
      for (const { path } of whole) if (names.test(path)) spoil(path, kind);
      await complains(t, home, /^STORE_UNREADABLE$/, ['audit', '--json']);
      await complains(t, home, /^HOME_UNUSABLE$/, ['up', ...UP, '--host', bench.host]);
      const run = await bench.run(SHORT, home);
      t.equal(run.code, 0, 'the answer does not need the store');
      t.match(run.events.at(-1)!.warnings[0], /not logged: the store in/);
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      for (const { path, bytes } of whole) writeFileSync(path, bytes);
    }
    const audit = await bench.run(['audit', '--json'], home);
    t.equal(audit.code, 0, audit.stderr);
    const copied = await bench.run(['audit', join(copy(), 'store'), '--json'], bench.home());
    t.ok(audit.events.at(-1)!.digest);
    t.equal(copied.events.at(-1)!.digest, audit.events.at(-1)!.digest, 'a copy does for others');
  });

  await t.test('settings that are damaged', async (t) => {
    const folder = copy();
    writeFileSync(join(folder, 'config.json'), '{"network": ');
    await complains(t, folder, /^(CONFIG|JSON)_/);
  });

  await t.test('a state file that is damaged costs nothing', async (t) => {
    const folder = copy();
    const state = readdirSync(folder).find((name) => name.startsWith('state'));
    writeFileSync(join(folder, state ?? 'state.json'), '\0garbage');
    const run = await bench.run(SHORT, folder);
    t.equal(run.code, 0, run.stderr);
  });

  await t.test('an identity that others can read, or that is none', async (t) => {
    const exposed = copy();
    chmodSync(join(exposed, 'identity'), 0o644);
    await complains(t, exposed, /^IDENTITY_EXPOSED$/);
    const broken = copy();
    writeFileSync(join(broken, 'identity'), 'nothing');
    await complains(t, broken, /^IDENTITY_/);
  });
});

type Test = Parameters<Parameters<typeof t.test>[0]>[0];

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => existsSync(path) && statSync(path).size > 0);
}

function spoil(path: string, kind: string): void {
  const { size } = statSync(path);
  if (kind === 'truncated') return truncateSync(path, size >> 1);
  if (kind === 'emptied') return truncateSync(path, 0);
  const bytes = readFileSync(path);
  for (let at = size >> 2; at < size; at += 97) bytes[at]! ^= 0x55;
  writeFileSync(path, bytes);
}
