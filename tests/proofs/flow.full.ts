import t from 'tap';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { undocumented } from '../lib/docs.ts';
import { Bench, type Node } from '../lib/nexus.ts';
import { auditedHomes } from '../lib/audited.ts';
import { accountOf, answered, ledgerOf, NCU, terms, until } from '../mesh/money.ts';

t.setTimeout(600_000);

const CHALLENGE = '5c'.repeat(32);

t.test('two nodes prove to each other what they have, under certified roots', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const homes = await auditedHomes(bench, 2, 2, { epochMs: 1000 }, await terms());
  const worker = ['-m', 'austen-3.7m', '--role', 'executor,auditor,witness'];
  const [asker, executor] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester,witness'], homes[0]),
    bench.up(bootstrap, worker, homes[1]),
  ]) as [Node, Node];
  const knows = (e: { event: string; key?: string }) =>
    e.event === 'capability' && e.key === executor.key;
  await asker.running.waitFor(knows, 60_000);
  const file = (name: string) => join(asker.home, name);
  const run = async (args: string[], home: string) => {
    const done = await bench.run([...args, '--json'], home);
    t.same(undocumented(args[0]!, done.events), [], `${args[0]}: documented`);
    return done;
  };
  /** Once the witnesses have said what they came to. */
  const verified = async (path: string, more: string[] = []) => {
    let last = await run(['verify', path, ...more], asker.home);
    await until('a certified root', async () => {
      last = await run(['verify', path, ...more], asker.home);
      return last.stdout.includes('certified by the witnesses');
    });
    return last;
  };

  await t.test('a standing', async (t) => {
    await until('a grant', async () => ((await accountOf(executor))?.available ?? 0) >= 20 * NCU);
    await bench.run(['bond', '12', '--wait'], executor.home);
    const path = file('a.standing');
    const args = ['prove', 'standing', '--challenge', CHALLENGE, '-o', path, '--bond'];
    const short = await run([...args, '12.000001'], executor.home);
    t.match(short.stderr, /STANDING_SHORT/);
    const proven = await run([...args, '12'], executor.home);
    t.equal(proven.code, 0, proven.stderr);
    t.equal((await verified(path, ['--challenge', CHALLENGE])).code, 0);
    t.equal((await run(['verify', path, '--challenge', '00'.repeat(32)], asker.home)).code, 4);
    const forged = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...forged, bond: forged.bond + 1 }));
    t.equal((await run(['verify', path], asker.home)).code, 4);
    const elsewhere = await run(['verify', path], bench.home());
    t.match(elsewhere.stdout, /compared with nothing/);
  });

  await t.test('what an epoch brought', async (t) => {
    await until('an answer', () => answered(asker, executor.key).then(() => true, () => false));
    const paid = await executor.running.waitFor((e) => e.event === 'payment', 60_000);
    const path = file('a.total');
    const args = ['prove', 'total', '--epoch', String(paid.epoch), '-o', path];
    const proven = await run(args, executor.home);
    t.equal(proven.code, 0, proven.stderr);
    const written = proven.events.find((e) => e.event === 'proof-written')!;
    t.ok(written.total >= paid.net);
    t.equal(written.insecure, true);
    t.match(proven.stderr, /ANYBODY CAN FORGE/);
    t.equal((await verified(path)).code, 0);
    t.match((await run(args, asker.home)).stderr, /RECEIPTS_NONE/);
    const { fields, certified } = (await ledgerOf(asker))!;
    t.ok(fields.some(({ epoch, receipts }) => epoch === paid.epoch && receipts !== null));
    t.match(certified, { accounts: String, root: String });
  });
});
