import t from 'tap';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditedHomes, calibrated, sameRecord, trustOf } from '../lib/audited.ts';
import { undocumented } from '../lib/docs.ts';
import { Bench, type Event, type Node } from '../lib/nexus.ts';

const RUN = ['run', 'Elizabeth walked home and thought', '-m', 'austen-3.7m', '-n', '40'];

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test('auditors that nobody chose read the answers once more', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const homes = await auditedHomes(bench, 4, 1);
  const auditor = ['-m', 'austen-3.7m', '--role', 'executor,auditor'];
  const [asker, one, two, cheat] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester,witness'], homes[0]),
    bench.up(bootstrap, auditor, homes[1]),
    bench.up(bootstrap, auditor, homes[2]),
    bench.cheat(bootstrap, [], homes[3]),
  ]);
  const nodes = [asker, one, two, cheat];
  const ask = async (...executor: Node[]) => {
    const first = executor.flatMap(({ key }) => ['--executor', key]);
    const args = [...RUN, '--where', 'mesh', ...first, '--json'];
    const { code, stderr, events } = await bench.run(args, asker.home);
    t.equal(code, 0, stderr);
    return events.find((e) => e.event === 'done')!;
  };
  const verdictOn = (job: string) =>
    asker.running.waitFor((e) => e.event === 'audit-verdict' && e.job === job, 90_000);

  for (const { key } of [one, two, cheat]) {
    await asker.running.waitFor((e) => e.event === 'capability' && e.key === key);
  }
  await calibrated(one, [asker]);
  const { epoch } = await asker.running.waitFor((e) => e.event === 'cut');
  await asker.running.waitFor((e) => e.event === 'cut' && e.epoch > epoch + 4);
  // Whoever is slow to accept is passed over: on a busy machine another one may answer.
  const answerOf = async (node: Node) => {
    for (let tries = 0; tries < 9; tries++) {
      const done = await ask(node);
      if (done.executor === node.key) return done;
    }
    throw new Error('it never answered');
  };
  const [good, fine] = await Promise.all([one, two].map(answerOf));
  await cheat.lie({ wrongSeed: true });
  const bad = await answerOf(cheat);

  await t.test('honest answers are ok', async (t) => {
    for (const [{ job }, executor, by] of [[good!, one, two], [fine!, two, one]] as const) {
      const about = { executor: executor.key, auditor: by.key, mine: true, own: false };
      t.match(await verdictOn(job), { ...about, finding: 'ok', mismatches: 0 });
    }
  });

  await t.test('whoever lies is proven a cheat, and asked no more', async (t) => {
    const found = /^(trigger|fraud)$/;
    t.match(await verdictOn(bad.job), { finding: found, executor: cheat.key });
    await Promise.all([asker, one, two].map(async ({ running }) => {
      const isProof = (e: Event) => e.event === 'cheat-proven' && e.cause === 'lifetime';
      const proven = await running.waitFor(isProof, 90_000);
      t.match(proven, { executor: cheat.key });
    }));
    await asker.running.waitFor((e) => e.event === 'distrusted' && e.key === cheat.key);
    t.not((await ask()).executor, cheat.key);
  });

  await t.test('all nodes come to the same record', async (t) => {
    await sameRecord(t, nodes);
    const { executors, cheats } = (await trustOf(asker))!;
    t.strictSame(cheats.map((c: Event) => c.executor), [cheat.key]);
    for (const { key } of [one, two]) {
      const honest = executors.find((e: Event) => e.key === key);
      t.match(honest, { suspect: 0, withheld: 0, proven: false });
      t.ok(honest.log <= 0, 'nothing speaks against it');
    }
  });

  await t.test('the dashboard shows it, live and recorded', async (t) => {
    for (const args of [['--once'], ['--once', '--replay', asker.home]]) {
      const { code, stdout, stderr } = await bench.run(['tui', ...args], asker.home);
      t.equal(code, 0, stderr);
      const proven = `\nTRUST\nKEY.*\n${cheat.key.slice(0, 8)} .*! CHEAT +█+ `;
      t.match(stdout, new RegExp(proven), args.join(' '));
      t.match(stdout, new RegExp(` ok +${one.key.slice(0, 8)} by ${two.key.slice(0, 8)}`));
    }
  });

  await t.test('one file proves it to a stranger, who reads the answer again', async (t) => {
    const path = join(bench.home(), 'cheat.evidence');
    const { auditor, finding } = await verdictOn(bad.job);
    const made = await bench.run(
      ['evidence', cheat.key.slice(0, 16), '--open', '-o', path, '--json'],
      nodes.find(({ key }) => key === auditor)!.home,
    );
    t.match(made.events, [{ event: 'evidence', cheat: true }], made.stderr);
    const { code, events, stderr } = await bench.run(
      ['verify', path, '--rerun', '--json'],
      bench.home(),
    );
    t.equal(code, 0, stderr);
    t.same([undocumented('evidence', made.events), undocumented('verify', events)], [[], []]);
    const [verdict] = events;
    t.same(verdict!.checks.filter((check: Event) => !check.ok), []);
    t.match(verdict, { event: 'evidence', ok: true, cheat: { executor: cheat.key } });
    const reread = verdict!.rereads.find((read: Event) => read.job === bad.job);
    t.match(reread, { finding, ok: true });
    // Where the executor committed to its candidates in time, they contradict what it answered.
    t.equal(verdict!.contradictions.length > 0, finding === 'fraud');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/"blocks": \[\s*"../, (start) => `${start.slice(0, -2)}ff`));
    const changed = await bench.run(['verify', path], bench.home());
    t.equal(changed.code, 4, 'a changed byte is refused');
    t.match(changed.stdout, /EVIDENCE_BAD_CHECKSUM/);
  });
});
