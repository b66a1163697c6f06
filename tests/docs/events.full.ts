import t from 'tap';
import { join } from 'node:path';
import { documented, undocumented } from '../lib/docs.ts';
import { Bench } from '../lib/nexus.ts';

const MODEL = ['-m', 'austen-3.7m', '-n', '20'];

t.test('every event that a command prints is in the reference, with all its fields', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const network = { NEXUS_BOOTSTRAP: bootstrap, NEXUS_HOST: '127.0.0.1', NEXUS_HOTS: '' };
  const home = bench.home();
  const [worker, own] = await Promise.all([
    bench.up(bootstrap, ['-m', 'austen-3.7m']),
    bench.up(bootstrap, ['-m', 'austen-3.7m'], home),
  ]);

  const receipt = join(home, 'a.receipt');
  const commands: Record<string, string[][]> = {
    run: [
      [
        'Hello',
        ...MODEL,
        '--where',
        'mesh',
        '--executor',
        worker.key,
        '--receipt',
        receipt,
        '--verify',
      ],
      ['Hello', '-m', 'no-such-model'],
    ],
    jobs: [[]],
    energy: [[], ['--since', '1h']],
    audit: [[]],
    verify: [[receipt, '--rerun'], [join(home, 'identity')]],
    models: [['list'], ['show', 'austen-3.7m']],
    peers: [[], ['connect', worker.key.slice(0, 8)]],
    id: [[]],
    doctor: [['-m', 'austen-3.7m']],
    init: [['--where', 'local']],
    config: [[], ['get', 'model'], ['path']],
    keys: [['add', 'laptop'], ['list'], ['rm', 'laptop']],
  };
  for (const [command, calls] of Object.entries(commands)) {
    for (const args of calls) {
      const { events, stderr } = await bench.run([command, ...args, '--json'], home, '', network);
      t.ok(events.length > 0, `${command} ${args[0] ?? ''}: there are events ${stderr}`);
      t.same(undocumented(command, events), [], `${command}: they are documented`);
      if (args.includes(receipt)) t.not(events.at(-1)?.event, 'error', `${command} ${stderr}`);
    }
  }
  const mine = bench.home();
  const steps = [
    ['network', 'new', 'home'],
    ['network', 'list'],
    ['network', 'show'],
    ['invite'],
    ['invite', 'list'],
    ['members'],
    ['leave', 'home', '--force'],
  ];
  for (const args of steps) {
    const { events, stderr } = await bench.run([...args, '--json'], mine);
    t.ok(events.length > 0, `${args.join(' ')}: there are events ${stderr}`);
    t.same(undocumented(args[0]!, events), [], `${args.join(' ')}: they are documented`);
    t.not(events.at(-1)?.event, 'error', stderr);
  }
  await Promise.all([worker.running.stop(), own.running.stop()]);
  const lived = [...worker.running.events, ...own.running.events];
  t.same(undocumented('up', lived), [], 'up: its life is documented');
  for (const event of ['ready', 'peer', 'job-accepted', 'job-finished', 'run-done', 'stopping']) {
    t.ok(lived.some((e) => e.event === event), `up told ${event}`);
  }
});

t.test('the reference has a section for each command with events of its own', (t) => {
  for (const command of ['run', 'chat', 'up', 'dht', 'demo', 'audit', 'verify', 'doctor', 'join']) {
    t.ok(documented(command).size > 1, command);
  }
  t.end();
});
