import t from 'tap';
import { readdirSync } from 'node:fs';
import { decodeRecord, type LogRecord } from '../../feeds/records/mod.ts';
import { fromHex } from '../../feeds/base/mod.ts';
import { pathsOf } from '../../node/home/mod.ts';
import { auditedHomes, sameRecord, trustOf } from '../lib/audited.ts';
import { Bench, type Event, type Node } from '../lib/nexus.ts';
import { control } from '../watch/live.ts';

const RUN = ['run', 'Elizabeth walked home and thought', '-m', 'austen-3.7m', '-n', '40'];
const AUDITOR = ['-m', 'austen-3.7m', '--role', 'executor,auditor'];

t.setTimeout(600_000);

t.test('an auditor that is killed keeps its word, and gives it once', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const homes = await auditedHomes(bench, 5, 3, { epochMs: 2000 });
  const [asker, one, two, auditor, worker] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester,witness'], homes[0]),
    bench.up(bootstrap, ['--role', 'requester,witness'], homes[1]),
    bench.up(bootstrap, ['--role', 'requester,witness'], homes[2]),
    bench.up(bootstrap, AUDITOR, homes[3]),
    bench.up(bootstrap, AUDITOR, homes[4]),
  ]);
  await asker.running.waitFor((e) => e.event === 'capability' && e.key === worker.key);
  await asker.running.waitFor((e) => e.event === 'cut' && e.epoch > 4, 60_000);
  const job = await ask(bench, asker, worker);
  await until(async () => (await auditsOf(asker, job)).some((a) => a.state === 'committed'));
  auditor.running.kill('SIGKILL');
  await auditor.running.ended;
  const drafts = readdirSync(pathsOf(homes[3]!).audits).filter((name) => name.endsWith('.verdict'));
  t.equal(drafts.length, 1, 'its verdict is on disk');
  const again = await bench.up(bootstrap, AUDITOR, homes[3]);
  const verdict = await asker.running.waitFor((e) => e.event === 'audit-verdict', 120_000);
  t.match(verdict, { job, auditor: again.key, finding: 'ok' });
  await sameRecord(t, [asker, one, two, again, worker]);
  const said = (await entriesOf(asker, again.key)).filter(({ type }) =>
    type === 'verdictCommit' || type === 'request' || type === 'verdictReveal'
  );
  t.strictSame(said.map(({ type }) => type), ['request', 'verdictCommit', 'verdictReveal']);
  await until(() => readdirSync(pathsOf(homes[3]!).audits).every((name) => name === 'told.json'));
});

t.test('an executor that does not open its answers is listed for it', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const homes = await auditedHomes(bench, 4, 1, { openCuts: 4 });
  const [witness, auditor, cheat] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester,witness'], homes[0]),
    bench.up(bootstrap, AUDITOR, homes[1]),
    bench.cheat(bootstrap, [], homes[2]),
  ]);
  await witness.running.waitFor((e) => e.event === 'cut' && e.epoch > 6, 60_000);
  await cheat.lie({ withhold: true });
  // Who asks is there for its one prompt: it opens nothing later.
  const env = { NEXUS_BOOTSTRAP: bootstrap, NEXUS_HOST: bench.host };
  const args = [...RUN, '--where', 'mesh', '--executor', cheat.key, '--json'];
  const { code, stderr, events } = await bench.run(args, homes[3]!, '', env);
  t.equal(code, 0, stderr);
  const { job } = events.find((e) => e.event === 'done')!;
  const withheld = await witness.running.waitFor((e) => e.event === 'audit-withheld', 90_000);
  t.match(withheld, { job, executor: cheat.key, auditor: auditor.key });
  await until(async () => {
    const rows = await trustOf(witness);
    return rows?.executors.find((e: Event) => e.key === cheat.key)?.withheld === 1;
  });
});

async function ask(bench: Bench, asker: Node, executor: Node): Promise<string> {
  const args = [...RUN, '--where', 'mesh', '--executor', executor.key, '--json'];
  const { stderr, events } = await bench.run(args, asker.home);
  const done = events.find((e) => e.event === 'done');
  if (done === undefined) throw new Error(stderr);
  return done.job;
}

async function auditsOf(node: Node, job: string): Promise<Event[]> {
  const rows = await trustOf(node);
  return (rows?.audits ?? []).filter((audit: Event) => audit.job === job);
}

/** What stands in an identity's attestations log as a node holds it. */
async function entriesOf(node: Node, key: string): Promise<LogRecord[]> {
  const { socket } = pathsOf(node.home);
  const [states] = await control(socket, 'logs') as unknown as { key: string; length: number }[][];
  for (const { key: core, length } of states!) {
    const params = { core, start: 0, end: Math.min(length, 4096) };
    const blocks = (await control(socket, 'blocks', params)).slice(0, -1);
    const records = blocks.map(({ value }) => decodeRecord(fromHex(value)));
    const [first] = records;
    const isIt = first?.type === 'identity' &&
      Buffer.from(first.publicKey).toString('hex') === key &&
      Buffer.from(first.attestations).toString('hex') === core;
    if (isIt) return records;
  }
  return [];
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + 90_000;
  while (!await holds()) {
    if (Date.now() > limit) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
