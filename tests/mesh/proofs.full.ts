import t from 'tap';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { circuitKeys } from '../../circuits/mod.ts';
import { buildReceipt, parseReceipt, type ReceiptSampling } from '../../feeds/proof/mod.ts';
import { auditedHomes, sameRecord, trustOf } from '../lib/audited.ts';
import { undocumented } from '../lib/docs.ts';
import { Bench, type Event, type Node } from '../lib/nexus.ts';
import { terms } from './money.ts';

const RUN = ['run', 'Elizabeth walked home and thought', '-m', 'austen-3.7m', '-n', '24'];
/** A proof takes a minute where four nodes share a processor. */
const PATIENT = 300_000;

t.setTimeout(1_200_000);

t.test('executors prove their sampling; who forges a proof pays for it', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const keys = (await circuitKeys()).map(({ statement, hash }) => [statement, hash]);
  const proofs = { share: 10_000, withinCuts: 900, keys: Object.fromEntries(keys) };
  const rules = { epochMs: 1000, challengeCuts: 900 };
  const homes = await auditedHomes(bench, 5, 1, rules, await terms(), proofs);
  const auditor = ['-m', 'austen-3.7m', '--role', 'executor,auditor'];
  const [asker, honest, other, cheat] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester,witness'], homes[0]),
    bench.up(bootstrap, auditor, homes[1]),
    bench.up(bootstrap, auditor, homes[2]),
    bench.cheat(bootstrap, [], homes[3]),
  ]);
  const nodes = [asker, honest, other, cheat];
  for (const { key } of [honest, other, cheat]) {
    await asker.running.waitFor((e) => e.event === 'capability' && e.key === key);
  }
  const { epoch } = await asker.running.waitFor((e) => e.event === 'cut');
  await asker.running.waitFor((e) => e.event === 'cut' && e.epoch > epoch + 4);
  let answers = 0;
  // Whoever is slow to accept is passed over: on a busy machine another one may answer.
  const answerOf = async ({ key }: Node) => {
    for (let tries = 0; tries < 9; tries++) {
      const args = [...RUN, '--where', 'mesh', '--executor', key, '--json'];
      const { code, stderr, events } = await bench.run(args, asker.home);
      t.equal(code, 0, stderr);
      const done = events.find((e) => e.event === 'done')!;
      answers++;
      if (done.executor === key) return done;
    }
    throw new Error('it never answered');
  };
  const about = (event: string, job: string) => (e: Event) => e.event === event && e.job === job;
  const good = await answerOf(honest);

  await t.test('what is asked for is made, and checked by who asked and who audits', async (t) => {
    const asked = await asker.running.waitFor(about('proof-asked', good.job), PATIENT);
    t.match(asked, { executor: honest.key, mine: true });
    const made = await honest.running.waitFor(about('proof-made', good.job), PATIENT);
    await asker.running.waitFor(about('proof-logged', good.job), PATIENT);
    for (const { running } of [asker, other]) {
      const checked = await running.waitFor(about('proof-checked', good.job), PATIENT);
      t.match(checked, { executor: honest.key });
      t.same(undocumented('up', [checked, asked, made]), []);
    }
  });

  await t.test('the executor has made it once for all', async (t) => {
    const word = good.job.slice(0, 12);
    const { code, stderr } = await bench.run(['prove', 'sample', word], honest.home);
    t.not(code, 0);
    t.match(stderr, /PROOF_TWICE/);
  });

  await t.test('a receipt carries it to a stranger, who checks it', async (t) => {
    const path = join(bench.home(), 'proven.receipt');
    const put = await bench.run(['prove', 'sample', good.receipt, '-o', path], asker.home);
    t.equal(put.code, 0, put.stderr);
    const { code, stdout, events } = await bench.run(['verify', path, '--json'], homes[4]!);
    t.equal(code, 0, stdout);
    const [receipt] = events;
    t.same(receipt!.checks.filter((check: Event) => !check.ok), []);
    t.match(receipt!.establishes.join(' '), /what sampler version 1 draws/);
    const text = readFileSync(path, 'utf8');
    const lies: [RegExp, (sampling: ReceiptSampling) => void][] = [
      [/PROOF_ELSEWHERE/, (sampling) => sampling.beacon++],
      // Another draw asks for other positions than those shown.
      [/PROOF_SHOWN/, (sampling) => sampling.draw[0]! ^= 1],
      [/PROOF_LEAF/, ({ shown }) => shown[0]!.path[0]![0]! ^= 1],
    ];
    for (const [why, lie] of lies) {
      const receipt = parseReceipt(text);
      lie(receipt.attempts[0]!.sampling!);
      writeFileSync(path, buildReceipt(receipt));
      const changed = await bench.run(['verify', path, '--json'], homes[4]!);
      t.equal(changed.code, 4);
      const failed = changed.events[0]!.checks.filter((check: Event) => !check.ok);
      t.match(failed.map(({ detail }: Event) => detail), [why]);
    }
  });

  await t.test('a forged proof is refused, shown to everybody, and paid for', async (t) => {
    await cheat.lie({ proof: 'forged' });
    const bad = await answerOf(cheat);
    const refused = await asker.running.waitFor(about('proof-refused', bad.job), PATIENT);
    t.match(refused, { code: 'PROOF_INVALID', accused: true, mine: true });
    await Promise.all([asker, honest, other].map(async ({ running }) => {
      const refuted = await running.waitFor(about('proof-refuted', bad.job), PATIENT);
      t.same(undocumented('up', [refused, refuted]), []);
      await running.waitFor((e) => e.event === 'cheat-proven' && e.cause === 'proof', PATIENT);
      const isSlash = (e: Event) => e.event === 'slashed' && e.offender === cheat.key;
      t.match(await running.waitFor(isSlash, PATIENT), { cause: 'proof' });
    }));
    await asker.running.waitFor((e) => e.event === 'distrusted' && e.key === cheat.key);
  });

  await t.test('an audit lists what was made, checked and refused, live and from files', async (t) => {
    const sums = { asked: answers, made: answers, missing: 0, refuted: 1 };
    const all = async () => (await trustOf(asker))!.proofs;
    while ((await all()).made < answers || (await all()).unchecked > 0) {
      await asker.running.waitFor((e) => e.event === 'proof-checked', PATIENT);
    }
    await sameRecord(t, nodes);
    t.match(await all(), { ...sums, checked: answers - 1, refused: 1 });
    const found = (events: readonly Event[]) => events.find((e) => e.event === 'proofs');
    const live = await bench.run(['audit', '--proofs', '--json'], asker.home);
    t.equal(live.code, 4, live.stderr);
    t.match(found(live.events), { ...sums, checked: answers - 1, refused: 1 });
    t.same(undocumented('audit', live.events), []);
    await honest.running.stop();
    const files = await bench.run(['audit', '--proofs', '--json'], honest.home);
    t.match(found(files.events), sums);
    t.ok(found(files.events)!.checked > 0, 'its own, from what it keeps');
    const { stdout } = await bench.run(['tui', '--once'], asker.home);
    t.match(stdout, /proofs, INSECURE keys +\d+ asked, \d+ made, 0 missing, 1 refuted/);
  });
});
