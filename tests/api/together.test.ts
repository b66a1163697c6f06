import t from 'tap';
import { spawnSync } from 'node:child_process';
import { DENO } from '../lib/deno.ts';
import { ROOT } from '../lib/docs.ts';
import { Bench } from '../lib/nexus.ts';

t.test('in code: a node, programs that attach to it, and what they get when they err', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const env = {
    NEXUS_BOOTSTRAP: await bench.dht(),
    NEXUS_HOST: '127.0.0.1',
    NEXUS_HOME: bench.home(),
  };
  const { status, stdout, stderr } = spawnSync(
    DENO,
    ['run', '-A', '--no-lock', '--quiet', `${ROOT}tests/api/together.deno.ts`],
    { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 60_000 },
  );
  t.equal(status, 0, `it ends by itself, nothing is left open ${stderr}`);
  const said = JSON.parse(stdout);
  t.equal(said.announced, true);
  t.same(said.models, ['austen-3.7m']);
  t.equal(said.second, 'HOME_LOCKED', 'one node a home');
  t.same(said.executors, [said.key, said.key, said.key], 'all of it is one identity');
  t.ok(said.texts[0].length > 0);
  t.same(said.texts, Array(3).fill(said.texts[0]), 'attached or alone: same seed, same text');
  t.ok(said.adds, 'the tokens add up to the text');
  t.equal(said.wrong, 'BAD_REQUEST');
  t.equal(said.tokens, 3, 'leaving the loop is allowed');
  t.equal(said.aborted, 'enough', 'an abort ends the iteration with its reason');
  t.ok(said.jobs >= 4, 'the logs can be replayed while the node runs');
  t.same(said.findings, []);
});
