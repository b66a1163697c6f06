import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { circuitKeys } from '../../circuits/mod.ts';
import { defaultLedgerRules, DEV_LEDGER } from '../../node/network/mod.ts';
import { profileId } from '../../feeds/records/mod.ts';
import { auditedHomes, sameRecord, trustOf } from '../lib/audited.ts';
import { Bench, type Event, type Node } from '../lib/nexus.ts';

const RUN = ['run', 'Elizabeth walked home and thought', '-m', 'austen-3.7m', '-n', '24'];
/** A proof takes a minute where four nodes share a processor. */
const PATIENT = 240_000;

t.setTimeout(900_000);

t.test('executors prove their sampling; who forges a proof pays for it', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const keys = Object.fromEntries(
    (await circuitKeys()).map(({ statement, hash }) => [statement, hash]),
  );
  const terms = { share: 10_000, withinCuts: 400, keys };
  const money = {
    rules: { ...defaultLedgerRules(), ...DEV_LEDGER },
    genesis: [],
    coefficients: [],
  };
  void money, toHex, profileId;
  const homes = await auditedHomes(bench, 4, 1, { epochMs: 1000, challengeCuts: 900 }, null, terms);
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
  const answerOf = async ({ key }: Node) => {
    for (let tries = 0; tries < 9; tries++) {
      const args = [...RUN, '--where', 'mesh', '--executor', key, '--json'];
      const { code, stderr, events } = await bench.run(args, asker.home);
      t.equal(code, 0, stderr);
      const done = events.find((e) => e.event === 'done')!;
      if (done.executor === key) return done;
    }
    throw new Error('it never answered');
  };
  const good = await answerOf(honest);
  const about = (event: string, job: string) => (e: Event) => e.event === event && e.job === job;

  await t.test('what is asked for is made, and checked by who asked and who audits', async (t) => {
    t.match(await asker.running.waitFor(about('proof-asked', good.job), PATIENT), {
      executor: honest.key,
      mine: true,
    });
    await honest.running.waitFor(about('proof-made', good.job), PATIENT);
    await asker.running.waitFor(about('proof-checked', good.job), PATIENT);
    await other.running.waitFor(about('proof-checked', good.job), PATIENT);
  });

  await t.test('a proof of another answer is refused, and shown to everybody', async (t) => {
    await cheat.lie({ proof: 'forged' });
    const bad = await answerOf(cheat);
    t.match(await asker.running.waitFor(about('proof-refused', bad.job), PATIENT), {
      code: 'PROOF_INVALID',
      accused: true,
    });
    await Promise.all([asker, honest, other].map(async ({ running }) => {
      await running.waitFor(about('proof-refuted', bad.job), PATIENT);
      await running.waitFor((e) => e.event === 'cheat-proven' && e.cause === 'proof', PATIENT);
    }));
    await asker.running.waitFor((e) => e.event === 'distrusted' && e.key === cheat.key);
  });

  await t.test('all nodes come to the same record', async (t) => {
    await sameRecord(t, nodes);
    const { proofs } = (await trustOf(asker))!;
    t.match(proofs, { asked: 2, made: 2, missing: 0, refuted: 1, checked: 1, refused: 1 });
  });
});
