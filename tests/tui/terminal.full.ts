import t from 'tap';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Bench, descendants, isAlive, survivors } from '../lib/nexus.ts';
import { hasTmux, Tmux } from '../lib/tmux.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/nexus.mjs', import.meta.url));
const NEXUS = `"${process.execPath}" "${LAUNCHER}"`;
const MODEL = ['-m', 'austen-3.7m'];

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test('without a terminal', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const home = bench.home();
  const none = await bench.run(['tui'], home);
  t.equal(none.code, 1);
  t.match(none.stderr, /NO_TERMINAL(.|\n)*--once/);
  const nobody = await bench.run(['tui', '--once'], home);
  t.equal(nobody.code, 1);
  t.match(nobody.stderr, /NODE_NOT_RUNNING(.|\n)*nexus up/);

  await bench.up(await bench.dht(), MODEL, home);
  const once = await bench.run(['tui', '--once'], home);
  t.equal(once.code, 0, once.stderr);
  t.match(once.stdout, /● live(.|\n)*\nMESH\nKEY(.|\n)*this node .* austen-3.7m(.|\n)*\nLOGS\n/);
  // deno-lint-ignore no-control-regex
  t.notMatch(once.stdout, /\u001b/);
  const json = await bench.run(['tui', '--once', '--json'], home);
  t.match(json.events[0], { event: 'state', link: { state: 'live' }, jobs: [] });
  t.ok(json.events[0]!.cores.length >= 3);
});

t.test('in a terminal', { skip: hasTmux() ? false : 'tmux is not on this machine' }, async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht(), home = bench.home();
  const env = { NEXUS_HOME: home, NEXUS_THREADS: '1', NO_COLOR: '', FORCE_COLOR: '' };
  const terminal = new Tmux(`${NEXUS} tui`, 80, 24, env);
  t.teardown(() => terminal.end());

  await t.test('it waits for a node, and shows it when it comes', async (t) => {
    await terminal.shows(/no node is running here(.|\n)*nexus up/);
    t.ok(terminal.alternate);
  });
  const [node] = await Promise.all([
    bench.up(bootstrap, MODEL, home),
    bench.up(bootstrap, MODEL),
  ]);

  await t.test('80x24, and everything else live', async (t) => {
    const screen = await terminal.shows(/● live(.|\n)*\[1 Mesh\] 3 Logs +c Chat(.|\n)*loopback/);
    t.notMatch(screen, /2 Routing/, 'no job yet');
    t.match(screen.trimEnd().split('\n').at(-1), /\? help +q quit/);
    terminal.resize(200, 50);
    t.match(await terminal.shows(/HARDWARE \(claimed\)/), /SEEN SERVES/);
    terminal.resize(39, 24);
    await terminal.shows(/too small/);
    terminal.resize(80, 24);
    await terminal.shows(/KEY +NAME/);
    // deno-lint-ignore no-control-regex
    t.match(terminal.painted(), /\u001b\[32m/, 'colours');
  });

  await t.test('a prompt from the chat is a job with a timeline', async () => {
    terminal.keys('c');
    await terminal.shows(/\[c Chat\]/);
    terminal.type('My dear sister,');
    terminal.keys('Enter');
    await terminal.shows(/from [0-9a-f]{8}, \d+ tokens.*(end|length)/);
    terminal.keys('Escape');
    await terminal.shows(/\[1 Mesh\]/);
    terminal.keys('2');
    await terminal.shows(/done +austen-3.7m/);
    terminal.keys('Enter');
    terminal.resize(120, 50);
    await terminal.shows(/why this executor(.|\n)*timeline(.|\n)*offer +to [0-9a-f]{8}/);
    terminal.resize(80, 24);
    terminal.keys('3');
    await terminal.shows(/this node jobs +\d(.|\n)*entries, newest last(.|\n)* settle /);
  });

  await t.test('an action is asked for, done, and seen', async () => {
    terminal.keys('1', 'p', 'C-u');
    terminal.type('7');
    terminal.keys('Enter');
    await terminal.shows(/set the price to 7 micro-NCU a token\?/);
    terminal.keys('y');
    await terminal.shows(/done: set the price to 7/);
    terminal.keys('g', 'Enter');
    await terminal.shows(/austen-3.7m +7 micro-NCU a token/);
    terminal.keys('d', 'y');
    await terminal.shows(/● live +draining/);
    terminal.keys('d', 'y');
    await terminal.shows(/● live(?! +draining)/);
    terminal.keys('Escape');
    await terminal.shows(/KEY +NAME/);
  });

  await t.test('two look at once; the one that may only look does nothing', async (t) => {
    const other = new Tmux(`${NEXUS} tui --read-only`, 100, 30, { ...env, NO_COLOR: '1' });
    t.teardown(() => other.end());
    await other.shows(/● live +read-only/);
    // deno-lint-ignore no-control-regex
    t.notMatch(other.painted(), /\u001b\[([\d;]*;)?(3[0-7]|4[0-7]|9\d)m/, 'NO_COLOR');
    other.keys('p');
    await other.shows(/read-only: start without/);
    const pids = descendants(other.pid);
    process.kill(pids[0]!, 'SIGTERM');
    t.match(await other.shows(/ended \d+/), /before\n+ended 130/);
    t.notOk(other.alternate, 'the screen is restored');
    t.strictSame(await survivors(pids), []);
  });

  await t.test('the node is killed, and returns', async () => {
    for (const pid of [...descendants(node.running.child.pid!), node.running.child.pid!]) {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
    await terminal.shows(/away since \d\d:\d\d:\d\d/);
    await bench.up(bootstrap, MODEL, home);
    await terminal.shows(/● live/);
  });

  await t.test('q restores the screen', async (t) => {
    const pids = descendants(terminal.pid);
    terminal.keys('q');
    t.match(await terminal.shows(/ended \d+/), /^before\n+ended 0\n/);
    t.notOk(terminal.alternate);
    t.strictSame(await survivors(pids), []);
  });

  await t.test('what was recorded is stepped through', async (t) => {
    const replay = new Tmux(`${NEXUS} tui --replay "${home}"`, 100, 30, env);
    t.teardown(() => replay.end());
    const end = await replay.shows(/■ recorded(.|\n)* (\d+)\/\2 x1/);
    t.match(end, /\[2 Routing\](.|\n)*austen-3.7m/);
    replay.keys('Home');
    await replay.shows(/before the first event(.|\n)* 0\/\d+/);
    replay.keys('Right', 'Right');
    const begun = await replay.shows(/ 2\/\d+ x1/);
    t.notMatch(begun, /- +\? +0/, 'no log is shown before its first entry');
    replay.keys('+', '+', '+', '+', '+', '+', 'Space');
    await replay.shows(/■ recorded(.|\n)* (\d+)\/\2 x256/);
    replay.keys('C-c');
    await replay.shows(/ended 0/);
  });
});

t.test('up --tui', { skip: hasTmux() ? false : 'tmux is not on this machine' }, async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht(), home = bench.home();
  const env = {
    NEXUS_HOME: home,
    NEXUS_BOOTSTRAP: bootstrap,
    NEXUS_HOST: bench.host,
    NEXUS_THREADS: '1',
  };
  const terminal = new Tmux(`${NEXUS} up --tui -m austen-3.7m`, 80, 24, env);
  t.teardown(() => terminal.end());
  const screen = await terminal.shows(/● live(.|\n)*this node .* austen-3.7m/);
  t.notMatch(screen, /ready:/, 'the log says nothing on that screen');
  const pids = descendants(terminal.pid);
  terminal.keys('q');
  t.match(await terminal.shows(/ended \d+/), /stopping: jobs in progress(.|\n)*ended 0/);
  t.notOk(terminal.alternate);
  t.strictSame(await survivors(pids), [], 'nothing is left');
});

t.test('up --tui, its dashboard killed', {
  skip: hasTmux() && process.platform === 'linux' ? false : 'needs tmux and /proc',
}, async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const env = {
    NEXUS_HOME: bench.home(),
    NEXUS_BOOTSTRAP: await bench.dht(),
    NEXUS_HOST: bench.host,
    NEXUS_THREADS: '1',
  };
  const terminal = new Tmux(`${NEXUS} up --tui -m austen-3.7m`, 80, 24, env);
  t.teardown(() => terminal.end());
  await terminal.shows(/● live(.|\n)*this node .* austen-3.7m/);
  const pids = descendants(terminal.pid);
  const drawing = pids.find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('tui')
  );
  process.kill(drawing!, 'SIGKILL');
  await terminal.shows(/the dashboard failed; the node goes on/);
  t.notOk(terminal.alternate, 'the screen is given back');
  terminal.keys('C-c');
  // Its shell gets it too, and goes.
  t.strictSame(await survivors(pids), [], 'and Ctrl-C stops the node');
});
