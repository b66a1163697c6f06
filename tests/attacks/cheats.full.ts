import t from 'tap';
import { worldOf } from '../mesh/verifying.ts';
import { Bench, type Event } from '../lib/nexus.ts';
import type { Lie } from './lies.ts';
import { AuditedMesh, isAlarm } from './audited_mesh.ts';

t.setTimeout(600_000);

/** What a node of the same class finds in one answer of 48 tokens. */
const LIES: Record<string, Lie> = {
  'other weights': { weights: true },
  'another seed': { wrongSeed: true },
  'another temperature': { temperature: 0.2 },
  'others write, the right model signs the bytes': { prefill: true },
  'a drafter is held to the three likeliest tokens': { drafterTop3: true },
  'a hidden instruction': { system: 'Speak of horses.' },
  'an end too early': { truncate: 12 },
  'one token edited': { editToken: 9 },
  'bytes made up': { forge: 'bytes' },
  'a quarter of the tokens are cheap': { boundary: 0.25 },
};

t.test('each lie is seen at once by whom the client asks', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const { asker, honest, cheat, ask, forgive, bootstrap } = await worldOf(bench);

  for (const [name, lie] of Object.entries(LIES)) {
    await t.test(`${name}: exit code 4`, async (t) => {
      await cheat.lie(lie);
      const { code, stderr, verdicts } = await ask(cheat.key);
      t.equal(code, 4, stderr);
      t.match(verdicts, [{ finding: 'trigger', executor: cheat.key, auditor: honest.key }]);
      t.match(verdicts[0]!.reasons, [{ kind: 'exact' }]);
      await forgive();
    });
  }

  await t.test('it lies after two honest answers: the third is seen', async (t) => {
    await cheat.lie({ wrongSeed: true, after: 2 });
    const codes: unknown[] = [];
    for (let i = 0; i < 3; i++) codes.push((await ask(cheat.key)).code);
    t.same(codes, [0, 0, 4]);
    await forgive();
  });

  await t.test('a root made up: another node gives the answer, or it is said', async (t) => {
    await cheat.lie({ forge: 'root' });
    const { code, stderr, events, done } = await ask(cheat.key);
    t.equal(code, 0, stderr);
    const failed = events.find((e) => e.event === 'failover');
    // Where the last token came there is nothing left to be given by another.
    if (failed === undefined) t.match(done.warnings, [/has not signed .* root is wrong/]);
    else t.match(failed, { from: cheat.key, cause: { code: 'BAD_SUMMARY' } });
  });

  await t.test('one cheap token in fifty: what is not seen has changed nothing', async (t) => {
    await cheat.lie({ boundary: 0.02 });
    let seen = 0;
    for (let i = 0; i < 4; i++) {
      const { code, verdicts: [verdict] } = await ask(cheat.key);
      t.equal(code, verdict!.mismatches > 0 ? 4 : 0);
      seen += verdict!.mismatches;
      await forgive();
    }
    // Between two classes none of these would be: it would gain a fiftieth of its work.
    t.comment(`${seen} of ${4 * 48} tokens were cheap and other than they should have been`);
  });

  await t.test('keys and values kept as q4_0: exit code 4', async (t) => {
    await cheat.lie(null);
    const coarse = await bench.cheat(bootstrap, ['--kv', 'q4_0']);
    await asker.running.waitFor((e) => e.event === 'capability' && e.key === coarse.key);
    const { code, stderr, verdicts } = await ask(coarse.key);
    t.equal(code, 4, stderr);
    t.match(verdicts, [{ finding: 'trigger', executor: coarse.key }]);
  });
});

t.test('what the drawn auditors make of forgers, and of each other', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const mesh = await AuditedMesh.start(bench);
  const { worker, liar, friend } = mesh;

  await t.test('another payload for the auditors: they take the requester’s', async (t) => {
    await friend.lie({ forge: 'payload' });
    const audits = await mesh.audited(await mesh.ask(friend));
    t.ok(audits.every(({ finding, mismatches }) => finding === 'ok' && mismatches === 0));
  });

  await t.test('another artifact in the log than the requester was told: a cheat to it, never clean to others', async (t) => {
    const before = await mesh.executor(friend);
    await friend.lie({ forge: 'log' });
    const job = await mesh.ask(friend);
    t.match(
      await mesh.asker.running.waitFor((e) => e.event === 'cheat-proven', 60_000),
      { executor: friend.key, cause: 'contradiction' },
    );
    const audits = await mesh.audited(job);
    t.ok(audits.every(({ finding }) => finding === 'inconclusive'));
    t.match(audits, audits.map(() => ({ detail: 'BAD_COMMITMENT' })));
    t.equal((await mesh.executor(friend)).clean, before.clean);
  });

  await t.test('an old artifact once more: what its requester settled is audited', async (t) => {
    await friend.lie({ replay: true });
    const audits = await mesh.audited(await mesh.ask(friend));
    t.ok(audits.every(({ finding }) => finding === 'ok'), 'the tokens were right');
  });

  await t.test('an auditor that always says fraud accuses nobody', async (t) => {
    await liar.lie({ audits: 'fraud' });
    await mesh.judged(worker);
    await mesh.until(async () => (await mesh.auditor(liar)).against > 0);
    t.match(await mesh.executor(worker), { suspect: 0, proven: false });
  });

  await t.test('one that copies a commitment cannot open it, and is named', async (t) => {
    await liar.lie({ audits: 'copy' });
    const audits = await mesh.judged(worker);
    t.match(audits.find(({ auditor }) => auditor === liar.key), { state: 'missed' });
    await mesh.until(async () => (await mesh.auditor(liar)).copied > 0);
  });

  await t.test('one that never reveals misses its duty, and spoils no verdict', async (t) => {
    const { missed } = await mesh.auditor(liar);
    await liar.lie({ audits: 'silent' });
    const audits = await mesh.judged(worker);
    t.match(audits.find(({ auditor }) => auditor === liar.key), { state: 'missed' });
    t.equal(audits.filter(({ finding }) => finding === 'ok').length, audits.length - 1);
    t.ok((await mesh.auditor(liar)).missed > missed);
  });

  await t.test('one that clears its friend does not save it', async (t) => {
    const { against } = await mesh.auditor(liar);
    await liar.lie({ friend: friend.key });
    await friend.lie({ wrongSeed: true });
    const audits = await mesh.judged(friend);
    t.match(audits.find(({ auditor }) => auditor === liar.key), { finding: 'ok' });
    await mesh.until(async () => (await mesh.executor(friend)).proven);
    await mesh.until(async () => (await mesh.auditor(liar)).against > against);
  });

  await t.test('one that always says ok stands alone', async (t) => {
    const { against } = await mesh.auditor(liar);
    await liar.lie({ audits: 'ok' });
    const audits = await mesh.judged(friend);
    t.same(audits.filter(isAlarm).length, audits.length - 1);
    await mesh.until(async () => (await mesh.auditor(liar)).against > against);
  });

  await t.test('what they logged is listed, whoever reads the logs', async (t) => {
    const { code, events, stderr } = await bench.run(['audit', '--json'], mesh.asker.home);
    t.equal(code, 4, stderr);
    const found = new Set(events.filter((e) => e.event === 'finding').map((e) => e.code));
    t.strictSame([...found].sort(), [
      'artifact-mismatch',
      'artifact-missing',
      'duplicate-artifact',
      'reveal-mismatch',
    ]);
  });

  await t.test('no honest node is accused, and all come to the same record', async (t) => {
    await mesh.sameRecord(t);
    const { cheats } = await mesh.trust();
    t.same(cheats.map(({ executor }: Event) => executor), [friend.key]);
    for (const node of mesh.honest) {
      t.match(await mesh.auditor(node), { against: 0, copied: 0, missed: 0, wrong: 0 });
      t.match(await mesh.executor(node), { suspect: 0, withheld: 0, proven: false });
    }
  });
});
