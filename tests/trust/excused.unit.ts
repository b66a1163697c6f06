import t from 'tap';
import fc from 'fast-check';
import { canaryKey } from '../../feeds/trust/mod.ts';
import { answered, audited, plant, type PlantOptions } from './planting.ts';
import { ALTERNATIVES, bytes32, RULES, World } from './world.ts';

const { requestCuts, openCuts, commitCuts, revealCuts } = RULES;
const IN_TIME = requestCuts + openCuts + commitCuts + revealCuts;

/** A witness with a plan of planted frauds, run by itself unless said otherwise. */
async function begun(options: Partial<PlantOptions> = {}, rules: Partial<typeof RULES> = {}) {
  const world = new World({ auditors: 6, seed: 3, rules });
  const author = world.witnesses[0]!, requester = world.party('requester');
  await world.pass(2);
  const planting = { author, executor: author, requester, findings: ['trigger' as const] };
  const plan = plant(world, { ...planting, ...options });
  const record = (of = author) => world.fold.executor(of.hex)!;
  const codes = () =>
    world.of('finding').map(({ finding }) => `${finding.code}: ${finding.detail}`);
  return { world, author, requester, plan, record, codes };
}

t.test('a planted fraud that is opened in time leaves no trace in its record', async (t) => {
  const { world, author, requester, plan, record, codes } = await begun();
  await world.cut();
  const before = world.work(requester, author);
  await audited(world, [before]);
  await world.pass(IN_TIME + 1);
  const clean = record();
  t.match(clean, { audited: 1, clean: 1 });
  await audited(world, plan.run());
  t.same({ ...record(), subjects: 1 }, clean, 'nothing counts before its plan may be opened');
  plan.reveal();
  await world.pass(IN_TIME + 2);
  t.same({ ...record(), subjects: 1 }, { ...clean, planted: 1 });
  t.match(world.of('canary'), [{ honest: false, counted: true, excused: true }]);
  t.same([world.fold.view().cheats, codes()], [[], []]);
});

t.test('opened while its audit goes on, it leaves no trace and judges nobody', async (t) => {
  for (const wait of [1, 3, 5]) {
    const { world, plan, record, codes } = await begun();
    await world.cut();
    const works = plan.run();
    await world.pass(wait);
    plan.reveal();
    await audited(world, works);
    await world.pass(2);
    t.match(record(), { subjects: 1, audited: 0, suspect: 0, log: 0, planted: 1, proven: null });
    t.same([world.of('canary'), codes()], [[], []]);
  }
});

t.test('it counts if its plan is opened a cut too late, or never', async (t) => {
  for (const wait of [IN_TIME - 1, IN_TIME, null]) {
    const { world, plan, record } = await begun();
    await world.cut();
    await audited(world, plan.run());
    if (wait !== null) {
      await world.pass(wait);
      plan.reveal();
    }
    await world.pass(IN_TIME + 2);
    const inTime = wait !== null && wait < IN_TIME;
    t.equal(record().proven === null, inTime, `opened after ${wait}`);
    t.same(world.of('canary').map(({ excused }) => excused), wait === null ? [] : [inTime]);
  }
});

t.test("nobody else's plan excuses anybody", async (t) => {
  const other = await begun();
  const stranger = other.world.party('stranger');
  const own = plant(other.world, {
    author: stranger,
    executor: stranger,
    requester: other.requester,
    findings: ['trigger'],
    name: 'own',
  });
  const friends = plant(other.world, {
    author: other.author,
    executor: stranger,
    requester: other.author,
    findings: ['trigger'],
    name: 'of a friend',
  });
  await other.world.cut();
  await audited(other.world, [...own.run(), ...friends.run()]);
  own.reveal();
  friends.reveal();
  await other.world.cut();
  t.not(other.record(stranger).proven, null);
  t.same(other.world.of('canary').map(({ excused }) => excused), [false, false]);
});

t.test("a user's job is in no plan, however late the cut that covers it", async (t) => {
  // The witness has the job, its id and its key before any cut has its entry.
  const key = bytes32('drawn by the user');
  const { world, plan, requester, author, record, codes } = await begun({ keyOf: () => key });
  answered(world, requester, author, 'trigger', key);
  const jobs = Buffer.from(requester.cores.jobs).toString('hex');
  await world.pass(2, { lagging: (core) => core === jobs });
  const subject = [...world.works.values()];
  await audited(world, subject);
  plan.reveal();
  await world.pass(IN_TIME + 2);
  t.not(record().proven, null);
  t.match(codes(), ["canary: a planted job's key is not that of the plan"]);
});

t.test('a plan that stands in the same cut as the job comes too late', async (t) => {
  const { world, plan, record } = await begun();
  await audited(world, plan.run());
  plan.reveal();
  await world.pass(IN_TIME + 2);
  t.not(record().proven, null);
});

t.test('a large plan kept in store excuses only what is opened at once', async (t) => {
  const findings = new Array<'trigger'>(256).fill('trigger');
  const { world, author, requester, plan, record } = await begun({ findings });
  await world.cut();
  const { planted, salt } = plan.record;
  const first = answered(world, requester, author, 'trigger', canaryKey(salt, 0));
  await audited(world, [first]);
  await world.pass(IN_TIME + 1);
  t.not(record().proven, null, 'the first one counts already');
  const last = answered(world, requester, author, 'trigger', canaryKey(salt, 255));
  await audited(world, [last]);
  plan.reveal();
  await world.pass(2);
  t.equal(planted.length, 256);
  t.same(world.of('canary').map(({ excused }) => excused), [false, true]);
});

t.test('a plan grows old: it keeps nothing back any more, and opens nothing', async (t) => {
  const { world, plan, record, codes } = await begun();
  await world.pass(2 * RULES.challengeCuts + 2);
  await audited(world, plan.run());
  t.not(record().proven, null, 'at once');
  plan.reveal();
  await world.cut();
  t.match(codes(), ['canary: the plan is too old']);
});

t.test('an open plan delays the proof of a real cheat by a bounded number of cuts', async (t) => {
  const rules = { auditRamp: 1, auditFloor: 0 };
  const { world, author, requester, record } = await begun({}, rules);
  await world.cut();
  const good = Array.from({ length: 4 }, () => world.work(requester, author));
  await audited(world, good);
  await world.pass(IN_TIME + 1);
  t.match(record(), { clean: 4, rate: 2500 });
  await audited(world, [answered(world, requester, author, 'trigger')]);
  t.match(record(), { proven: null, suspect: 0, rate: 10_000 });
  await world.pass(IN_TIME + 1);
  t.not(record().proven, null);
});

t.test('what is planted changes nothing of what the other jobs come to', async (t) => {
  const job = fc.record({
    planted: fc.boolean(),
    fraud: fc.boolean(),
    cuts: fc.integer({ min: 0, max: 2 }),
  });
  const property = fc.asyncProperty(fc.array(job, { maxLength: 8 }), async (jobs) => {
    const records = [];
    for (const isPlanting of [true, false]) {
      const world = new World({ auditors: 6, seed: 3 });
      const author = world.witnesses[0]!, requester = world.party('requester');
      const executor = author;
      await world.pass(2);
      const plans = jobs.map(({ planted, fraud }, i) => {
        const findings = [fraud ? 'trigger' as const : 'ok' as const];
        const name = `salt ${i}`;
        const plan = () => plant(world, { author, executor, requester, findings, name });
        return planted && isPlanting ? plan() : null;
      });
      await world.cut();
      for (const [i, { planted, cuts }] of jobs.entries()) {
        if (planted) plans[i]?.run();
        else world.work(requester, executor, { jobKey: bytes32('job', i), evidence: mild(i) });
        await world.pass(cuts);
      }
      const told = new Set<unknown>();
      for (let cut = 0; cut < 40; cut++) {
        await world.cut();
        for (const { subject: { job } } of world.of('closed')) {
          const plan = plans.find((one) => one && hex(one.record.planted[0]!.job) === job);
          if (plan && !told.has(plan)) {
            told.add(plan);
            plan.reveal();
          }
        }
      }
      const { audited, clean, suspect, log, proven } = world.fold.executor(author.hex) ??
        { audited: 0, clean: 0, suspect: 0, log: 0, proven: null };
      records.push({ audited, clean, suspect, log, proven });
    }
    t.same(records[0], records[1]);
  });
  await fc.assert(property, { numRuns: 12, seed: 5 });
});

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** Some jobs speak against it a little. */
const mild = (i: number) => new Array<number>(ALTERNATIVES).fill(i % 2 === 0 ? -60_000 : 30_000);
