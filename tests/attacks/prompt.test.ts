import t from 'tap';
import { Bench } from '../lib/nexus.ts';

const ASK = ['run', 'hello', '-m', 'austen-3.7m', '-n', '4', '--json'];

t.test('a prompt goes where its own sender allows, whatever the running node was told', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const home = bench.home();
  const nobody = ['--host', bench.host, '--bootstrap', `${bench.host}:9`];
  const up = bench.start(['up', '--role', 'requester', '--json', ...nobody], home, {
    env: { NEXUS_WHERE: 'mesh' },
  });
  await up.waitFor((e) => e.event === 'ready');

  const plain = await bench.run(ASK, home);
  t.equal(plain.code, 0, plain.stderr);
  t.match(plain.events.find((e) => e.event === 'route'), { where: 'local' }, 'local by default');

  const made = await bench.run(['network', 'new', 'mine'], home);
  t.equal(made.code, 0, made.stderr);
  const mine = await bench.run(ASK, home);
  t.equal(mine.code, 1, 'meant for a private network, it does not go to the open one');
  t.match(mine.events.at(-1), { event: 'error', code: 'OTHER_NETWORK' });

  const here = await bench.run(ASK, home, '', { NEXUS_WHERE: 'local' });
  t.equal(here.code, 0, here.stderr);
  t.match(
    here.events.find((e) => e.event === 'route'),
    { where: 'local' },
    'the environment holds',
  );
});
