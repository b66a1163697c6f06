import t from 'tap';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { undocumented } from '../lib/docs.ts';
import { Bench } from '../lib/nexus.ts';

/** Processes whose command line names the folder; Linux only, none elsewhere. */
function processesIn(folder: string): string[] {
  try {
    return readdirSync('/proc').filter((pid) =>
      /^\d+$/.test(pid) && commandLine(pid).includes(folder)
    );
  } catch {
    return [];
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

t.test('a demonstration: answers, a node killed, another one goes on, all of it holds', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const temporary = bench.home();
  // What is set for real nodes does not reach these.
  const env = { TMPDIR: temporary, NEXUS_WHERE: 'local', NEXUS_NETWORK: 'nowhere' };
  const { code, events, stderr } = await bench.run(
    ['demo', '--nodes', '2', '--json'],
    bench.home(),
    '',
    env,
  );
  t.equal(code, 0, stderr);
  t.same(undocumented('demo', events), []);
  const named = (name: string) => events.filter((e) => e.event === name);
  t.same(named('node').map((e) => e.number).sort(), [1, 2]);
  t.equal(named('answer').length, 4);
  const kill = named('kill')[0]!, failover = named('failover')[0]!;
  t.equal(failover.from, kill.node);
  t.not(failover.to, kill.node);
  t.ok(failover.tokens >= kill.tokens, 'what had arrived is kept');
  const summary = events.at(-1)!;
  t.match(summary, { event: 'demo', ok: true, sameText: true, receipt: true, findings: 0 });
  // Half of it where nothing else runs.
  t.ok(summary.totalMs < 60_000, `${Math.round(summary.totalMs)} ms`);
  t.same(readdirSync(temporary), [], 'no file is left');
  t.same(processesIn(temporary), [], 'no process is left');
});

for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  t.test(`${signal} in the middle leaves neither processes nor files`, async (t) => {
    const bench = new Bench();
    t.teardown(() => bench.end());
    const temporary = bench.home();
    const demo = bench.start(['demo', '--nodes', '2', '--json'], bench.home(), {
      env: { TMPDIR: temporary },
    });
    await demo.waitFor((e) => e.event === 'start');
    await until(() => homes(temporary).includes('1'), () => 'no node was started');
    demo.child.kill(signal);
    const { code } = await demo.ended;
    if (signal === 'SIGINT') t.equal(code, 130);
    const left = () => [...readdirSync(temporary), ...processesIn(temporary)];
    await t.resolves(until(() => left().length === 0, () => `left: ${left()}`));
  });
}

/** Homes of a demonstration that runs. */
function homes(temporary: string): string[] {
  return readdirSync(temporary).flatMap((folder) => readdirSync(join(temporary, folder)));
}

/** Resolves when that is so; what it looks at tells nobody when it changes. */
async function until(holds: () => boolean, message: () => string): Promise<void> {
  const limit = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > limit) throw new Error(message());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
