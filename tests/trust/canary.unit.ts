import t from 'tap';
import type { CanaryRevealRecord } from '../../feeds/records/mod.ts';
import { canaryPlan, dutiesUntilFound } from '../../feeds/trust/mod.ts';
import { bytes32, NETWORK, type Party, type Work, World } from './world.ts';

/** Two planted jobs, one of them a fraud, among auditors of whom some say ok to everything. */
async function planted(by: (world: World) => Party, lazy: number) {
  const world = new World({ auditors: 5, seed: 2 });
  const author = by(world), executor = world.party('executor');
  for (const { hex } of world.auditors.slice(0, lazy)) {
    world.manners.set(hex, { says: (verdict) => ({ ...verdict, finding: 'ok' }) });
  }
  await world.pass(3);
  const later = world.work(author, executor);
  const reveal = (works: Work[]): CanaryRevealRecord => ({
    type: 'canaryReveal',
    network: NETWORK,
    commit: 0,
    planted: works.map(({ job, finding }) => ({ job, attempt: 0, honest: finding === 'ok' })),
    salt: bytes32('salt'),
  });
  return { world, author, executor, later, reveal };
}

/** Job ids follow from their number, so a plan can be made by running them in another world. */
async function run(
  by: (world: World) => Party,
  lazy: number,
  change = (r: CanaryRevealRecord) => r,
) {
  const rehearsal = await planted(by, lazy);
  const works = (of: typeof rehearsal) => [
    of.world.work(of.author, of.executor),
    of.world.work(of.author, of.executor, { finding: 'trigger' }),
  ];
  const record = change(rehearsal.reveal(works(rehearsal)));
  const it = await planted(by, lazy);
  const { world, author } = it;
  const commit = world.append(author, 'attestations', {
    type: 'canary',
    network: NETWORK,
    plan: canaryPlan(author.key, record),
    at: 0,
  });
  await world.cut();
  works(it);
  await world.pass(24);
  world.append(author, 'attestations', { ...record, commit });
  await world.cut();
  return world;
}

const wrong = (world: World) => world.fold.view().auditors.filter(({ wrong }) => wrong > 0);
const witness = (world: World) => world.witnesses[0]!;
const anybody = (world: World) => world.party('anybody');

t.test("a witness's planted jobs show who says ok to everything", async (t) => {
  const world = await run(witness, 4);
  t.same(world.of('canary').map(({ honest, counted }) => [honest, counted]), [
    [true, true],
    [false, true],
  ]);
  const lazy = world.auditors.slice(0, 4).map(({ hex }) => hex);
  t.ok(wrong(world).length > 0 && wrong(world).every(({ auditor }) => lazy.includes(auditor)));
});

t.test("anybody's count where most auditors agree with them", async (t) => {
  const world = await run(anybody, 1);
  t.ok(world.of('canary').every(({ counted }) => counted));
});

t.test('who lies about what it planted discredits nobody', async (t) => {
  const world = await run(anybody, 0, (record) => ({
    ...record,
    planted: record.planted.map((one) => ({ ...one, honest: !one.honest })),
  }));
  t.ok(world.of('canary').every(({ counted }) => !counted));
  t.same(wrong(world), []);
});

t.test('a plan that says something else, or is of older jobs, does not count', async (t) => {
  const { world, author, executor, later, reveal } = await planted(witness, 0);
  const record = reveal([later]);
  await world.pass(2);
  const plan = canaryPlan(author.key, record);
  const canary = { type: 'canary' as const, network: NETWORK, plan, at: 0 };
  const commit = world.append(author, 'attestations', canary);
  const stolen = world.append(executor, 'attestations', canary);
  await world.pass(16);
  world.append(author, 'attestations', { ...record, commit, salt: bytes32('other') });
  world.append(executor, 'attestations', { ...record, commit: stolen });
  world.append(author, 'attestations', { ...record, commit });
  await world.cut();
  t.same(world.of('finding').map(({ finding }) => finding.code), ['canary', 'canary', 'canary']);
  t.equal(world.of('canary').length, 0);
});

t.test('duties until a liar is found, by the share of planted jobs', (t) => {
  t.equal(dutiesUntilFound(0.05, 1).mean, 20);
  t.equal(dutiesUntilFound(0.05, 1).most, 59);
  t.equal(dutiesUntilFound(0.1, 0.5).most, 59);
  t.end();
});
