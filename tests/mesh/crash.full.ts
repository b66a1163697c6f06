import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { pathsOf } from '../../node/home/mod.ts';
import { DENO } from '../lib/deno.ts';
import { Bench } from '../lib/nexus.ts';

const INSISTER = fileURLToPath(new URL('../attacks/insister.ts', import.meta.url));

// Many processes on what may be a busy machine.
t.setTimeout(120_000);

t.test('an executor that is killed in mid-answer does not begin the same attempt again', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const executor = await bench.up(bootstrap, ['-m', 'austen-3.7m']);
  const file = pathsOf(executor.home).attempts;
  const insister = bench.start([bench.host, bootstrap, executor.key], bench.home(), {
    program: [DENO, 'run', '-A', '--no-prompt', INSISTER],
    stdin: true,
  });
  await insister.waitFor((e) => e.event === 'ready');
  /** What is said to an attempt that is offered, and the digest if one comes. */
  const ask = (attempt: number, event: 'answer' | 'digest') => {
    const from = insister.events.length;
    insister.child.stdin!.write(`${attempt}\n`);
    return insister.waitFor((e) => e.event === event && e.attempt === attempt, 30_000, from);
  };

  t.ok(existsSync(file), 'it knows what it took before it takes anything');
  await ask(0, 'digest');
  executor.running.kill('SIGKILL');
  await executor.running.ended;
  t.equal(statSync(file).mode & 0o777, 0o600);

  const again = await bench.up(bootstrap, ['-m', 'austen-3.7m'], executor.home);
  t.equal(again.key, executor.key);
  t.match(await ask(0, 'answer'), { code: 'DUPLICATE' }, 'its signature of the first one is about');
  const told = await again.running.waitFor((e) => e.event === 'job-refused');
  t.match(told.error, { code: 'DUPLICATE' });
  const { events } = await bench.run(['audit', '--json'], executor.home);
  t.strictSame(events.filter((e) => e.event === 'job'), [], 'and no answer to it was ever logged');
  t.ok(await ask(1, 'digest'), 'the next attempt is another matter');
});
