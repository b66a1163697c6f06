import t from 'tap';
import { canaryPlan, dutiesUntilFound } from '../../feeds/trust/mod.ts';
import { audited, plant, type PlantOptions } from './planting.ts';
import { bytes32, NETWORK, type Party, World } from './world.ts';

/** Two planted jobs, one of them a fraud, among auditors of whom some say ok to everything. */
async function run(
  by: (world: World) => Party,
  lazy: number,
  options: Pick<PlantOptions, 'says'> = {},
): Promise<World> {
  const world = new World({ auditors: 5, seed: 2 });
  const author = by(world), executor = world.party('executor');
  for (const { hex } of world.auditors.slice(0, lazy)) {
    world.manners.set(hex, { says: (verdict) => ({ ...verdict, finding: 'ok' }) });
  }
  await world.pass(2);
  const findings = ['ok' as const, 'trigger' as const];
  const planted = plant(world, { author, executor, requester: author, findings, ...options });
  await world.cut();
  await audited(world, planted.run());
  planted.reveal();
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
  t.equal(world.of('canary').length, 2);
});

t.test('who lies about what it planted discredits nobody', async (t) => {
  const world = await run(anybody, 0, { says: (honest) => !honest });
  t.same(world.of('canary').map(({ counted }) => counted), [false, false]);
  t.same(wrong(world), []);
});

t.test('a plan that says something else, or is of older jobs, does not count', async (t) => {
  const world = new World({ auditors: 5, seed: 2 });
  const author = witness(world), executor = world.party('executor');
  await world.pass(3);
  const late = plant(world, { author, executor, requester: author, findings: ['ok'] });
  // In the same cut.
  const works = late.run();
  const plan = canaryPlan(author.key, late.record);
  const stolen = world.append(executor, 'attestations', {
    type: 'canary',
    network: NETWORK,
    plan,
    at: 0,
  });
  await audited(world, works);
  late.reveal({ salt: bytes32('other') });
  world.append(executor, 'attestations', { ...late.record, commit: stolen });
  late.reveal();
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

t.test('an auditor that says ok to everything lasts as long as the formula says', async (t) => {
  const world = new World({ auditors: 4, seed: 7 });
  const [author] = world.witnesses, requester = world.party('requester');
  const honest = Array.from({ length: 16 }, (_, i) => world.party(`executor ${i}`));
  const lazy = world.auditors[0]!, share = 0.2;
  world.manners.set(lazy.hex, { says: (verdict) => ({ ...verdict, finding: 'ok' }) });
  await world.pass(3);
  for (let round = 0; round < 10; round++) {
    const plans = Array.from({ length: 4 }, (_, i) =>
      plant(world, {
        author: author!,
        executor: author!,
        requester,
        findings: ['trigger'],
        name: `salt ${round} ${i}`,
      }));
    await world.cut();
    const works = honest.map((executor) => world.work(requester, executor));
    await audited(world, [...works, ...plans.flatMap((plan) => plan.run())]);
    for (const plan of plans) plan.reveal();
    await world.cut();
  }
  // A planted fraud draws a panel too: these duties come on top of what the formula is about.
  const duties = new Set(
    world.of('duty').map(({ duty }) => duty)
      .filter(({ auditor, panel, state }) => auditor === lazy.hex && !panel && state === 'revealed')
      .map(({ subject }) => subject.id),
  );
  const faults = world.of('auditor')
    .filter(({ auditor, fault, subject }) =>
      auditor === lazy.hex && fault === 'canary' && duties.has(subject)
    );
  const done = duties.size, wrong = faults.length;
  // Each duty is one of these with that chance: within three standard deviations of it.
  const spread = 3 * Math.sqrt(done * share * (1 - share));
  t.ok(Math.abs(wrong - done * share) < spread, `${wrong} of ${done} duties, ${share} expected`);
  const mean = done / wrong, expected = dutiesUntilFound(share, 1).mean;
  t.ok(Math.abs(mean - expected) < expected / 2, `after ${mean} duties, ${expected} expected`);
  t.match(world.fold.executor(author!.hex), { planted: 40, proven: null });
});
