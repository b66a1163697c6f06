import t from 'tap';
import { Bench, type Event } from '../lib/nexus.ts';
import { accountOf, BOND, ledgerOf, MoneyMesh, NCU, rootsOf, sameRoots, until } from './money.ts';

const JOBS = 100;

t.setTimeout(600_000);

t.test('five nodes work for money, and one of them cheats', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const mesh = await MoneyMesh.start(bench);
  const { asker, workers, cheat } = mesh;
  const honest = async (count: number) => {
    for (let i = 0; i < count; i++) await mesh.ask(mesh.workers[mesh.jobs % workers.length]!);
  };

  await t.test('the cheat is found, its bond cut, and who asked has its money back', async (t) => {
    await honest(12);
    for (let i = 0; i < 3; i++) await mesh.ask(cheat);
    // The model in a coarser quantisation: it costs half as much.
    await cheat.lie({ weights: true });
    while (await mesh.proven() === undefined && mesh.jobs < JOBS / 2) {
      await mesh.ask(cheat);
      await honest(1);
    }
    const slashed = await asker.running.waitFor((e) => e.event === 'slashed', 120_000);
    t.match(slashed, { offender: cheat.key, cause: 'lifetime' });
    t.ok(slashed.amount > 0 && slashed.amount + slashed.forfeited > slashed.gain);
    const proven = (await mesh.proven())!;
    t.ok(
      slashed.epoch - proven.epoch <= 2,
      `proven in ${proven.epoch}, slashed in ${slashed.epoch}`,
    );
    const refunded = await asker.running.waitFor((e) => e.event === 'refunded', 60_000);
    t.equal(refunded.executor, cheat.key);
    t.ok(
      refunded.epoch - proven.epoch <= 2,
      `proven in ${proven.epoch}, refunded in ${refunded.epoch}`,
    );
  });

  await t.test('any two are killed while one of them answers, and come back', async (t) => {
    await honest(4);
    t.ok(await mesh.strike(mesh.workers[0]!, mesh.workers[2]!), 'another one goes on');
    await honest(4);
    t.ok(await mesh.strike(mesh.workers[1]!, cheat), 'another one goes on');
    await honest(Math.max(0, JOBS - mesh.jobs));
    t.ok(mesh.jobs >= JOBS);
    await sameRoots(t, mesh.all);
  });

  await t.test('nobody honest has lost anything', async (t) => {
    const paid = (): Event[] => asker.running.events.filter((e) => e.event === 'payment');
    await until('all jobs are settled', () => Promise.resolve(paid().length >= mesh.jobs));
    const toHonest = () =>
      paid().filter(({ executor }) => executor !== cheat.key).reduce((sum, e) => sum + e.gross, 0);
    await until('all that the cheat was paid is back', async () => {
      const { earned } = (await accountOf(asker, cheat))!;
      return earned === 0 && (await accountOf(asker))!.spent === toHonest();
    });
    for (const worker of mesh.workers) {
      const account = (await accountOf(asker, worker))!;
      t.match(account, { bonded: BOND, violations: 0, status: 'active', owed: 0 });
      t.ok(account.available + account.pending + BOND > 1000 * NCU, 'it has earned');
    }
    t.match(await accountOf(asker), { violations: 0, status: 'active', owed: 0 });
    const { slashes, totals } = (await ledgerOf(asker))!;
    t.same(slashes.map(({ offender }) => offender), [cheat.key]);
    const { available, pending, escrow, bonded, owed, burned, grants, emission } = totals;
    t.equal(available + pending + escrow + bonded - owed + burned, grants + emission);
  });

  await t.test('who asks is killed while it is answered, and the cheat with another', async (t) => {
    await mesh.strike(mesh.workers[2]!, mesh.asker);
    await honest(3);
    await mesh.strike(mesh.cheat, mesh.asker);
    await honest(3);
    await sameRoots(t, mesh.all);
    t.match(await accountOf(mesh.asker), { violations: 0, status: 'active' });
    for (const worker of mesh.workers) {
      t.match(await accountOf(mesh.asker, worker), {
        bonded: BOND,
        violations: 0,
        status: 'active',
      });
    }
  });

  await t.test('who comes later comes to the same root, with two peers', async (t) => {
    const { asker, cheat } = mesh;
    const known = (await ledgerOf(asker))!.certified!;
    t.ok(known.epoch > 0);
    await Promise.all([mesh.workers[1], mesh.workers[2], cheat].map((one) => one!.running.stop()));
    const joiner = await bench.up(mesh.bootstrap, ['--role', 'requester'], mesh.homes[5]);
    let at: number | null = null;
    await until(() => `it has read cut ${known.epoch}, it is at ${at}`, async () => {
      const view = await ledgerOf(joiner);
      at = view?.epoch ?? null;
      return view !== null && rootsOf(view).has(known.epoch);
    });
    t.equal(rootsOf((await ledgerOf(joiner))!).get(known.epoch), known.root);
    await sameRoots(t, [asker, joiner]);
    const audit = await bench.run(['audit', '--ledger', '--json'], joiner.home);
    const told = audit.events.find((e) => e.event === 'ledger');
    t.ok(told!.epoch >= known.epoch, audit.stderr);
    t.equal(told!.root, rootsOf((await ledgerOf(joiner))!).get(told!.epoch));
  });
});
