import t from 'tap';
import { randomInt } from 'node:crypto';
import {
  Bench,
  descendants,
  isAlive,
  longAnswer,
  type Node,
  survivors,
  textOf,
} from '../lib/nexus.ts';

const EXECUTOR = ['-m', 'austen-3.7m'];
/** As many strikes as fit into the time, at most so many. */
const STRIKES = 24;
const BOUND_MS = 100_000;

t.setTimeout(600_000);

t.test('processes die at random moments', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const roles = { asker: ['--role', 'requester'], victim: EXECUTOR, spare: EXECUTOR };
  const [asker, victim, spare] = await Promise.all(
    Object.values(roles).map((args) => bench.up(bootstrap, args)),
  ) as [Node, Node, Node];
  const nodes = { asker, victim, spare };
  // With them who asks finds the mesh also where the node it would have asked is gone.
  const flags = ['--host', bench.host, '--bootstrap', bootstrap];
  const mesh = ['--where', 'mesh', ...flags, '--executor'];
  const { args, text } = await longAnswer(bench, asker.home, [...mesh, spare.key]);

  /** The launcher, the node and its children as they are now. */
  const processes = (node: Node): number[] => {
    const launcher = node.running.child.pid!;
    return [launcher, ...descendants(launcher)];
  };
  const seen = new Set<number>();
  const done: string[] = [];
  let lost = 0;
  const limit = Date.now() + BOUND_MS;
  for (let i = 0; i < STRIKES && Date.now() < limit; i++) {
    for (const node of Object.values(nodes)) for (const pid of processes(node)) seen.add(pid);
    const name = (['asker', 'victim', 'victim'] as const)[randomInt(3)]!;
    const struck = nodes[name];
    const all = processes(struck);
    const which = randomInt(all.length);
    const run = bench.start([...args, ...mesh, nodes.victim.key], nodes.asker.home);
    const after = randomInt(1500);
    await Promise.race([run.ended, new Promise((resolve) => setTimeout(resolve, after))]);
    process.kill(all[which]!, 'SIGKILL');
    const { code } = await run.ended;
    const what = `strike ${i}: process ${which} of the ${name} after ${after} ms`;
    const last = run.events.at(-1);
    if (code === 0) {
      t.equal(textOf(run.events), text, `${what}: the same words`);
      done.push(last!.job);
    } else {
      // With the asker's node goes who could have told how it goes on: struck itself, or stopping
      // because its launcher was.
      t.equal(name, 'asker', `${what}: ${run.stderr}`);
      t.match(last?.code, /^NODE_(LOST|STOPPED)$/, run.stderr);
      lost++;
    }
    if (await isOver(struck)) {
      nodes[name] = await bench.up(bootstrap, roles[name], struck.home);
    }
  }
  t.comment(`${done.length} answers, ${lost} lost with the node that was asked`);
  t.ok(done.length > 0);

  const audit = await bench.run(['audit', '--json'], nodes.asker.home);
  t.same(audit.events.filter((e) => e.event === 'finding'), []);
  t.equal(audit.code, 0, 'nothing is wrong with the logs');
  t.equal(audit.events.at(-1)!.findings, 0, JSON.stringify(audit.events.at(-1)));
  for (const job of done) {
    const told = audit.events.find((e) => e.event === 'job' && e.job === job);
    t.equal(told?.state, 'done', 'what was acknowledged is logged');
  }
  const last = await bench.run([...args, ...mesh, nodes.spare.key], nodes.asker.home);
  t.equal(last.events.at(-1)!.text, text, 'and it goes on');

  for (const node of Object.values(nodes)) for (const pid of processes(node)) seen.add(pid);
  await Promise.all(Object.values(nodes).map(({ running }) => running.stop()));
  t.strictSame(await survivors([...seen]), [], 'no process is left over');
});

/** True if the node has gone with what was struck; false if it lives on without. */
async function isOver({ running, pids }: Node): Promise<boolean> {
  if (isAlive(running.child.pid!) && isAlive(pids.node)) return false;
  await running.ended;
  return true;
}
