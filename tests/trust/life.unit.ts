import t from 'tap';
import { fromHex, toHex as hex } from '../../feeds/base/mod.ts';
import type { TrustFindingCode } from '../../feeds/trust/mod.ts';
import { type Party, World } from './world.ts';

/** A mesh after some cuts, with one who asks and one who answers. */
async function started(options: ConstructorParameters<typeof World>[0] = {}) {
  const world = new World(options);
  const requester = world.party('requester'), executor = world.party('executor');
  await world.pass(3);
  return { world, requester, executor };
}

const codes = (world: World): TrustFindingCode[] =>
  world.of('finding').map(({ finding }) => finding.code);

t.test('an honest answer is audited, revealed and ok', async (t) => {
  const { world, requester, executor } = await started();
  const { subject } = world.work(requester, executor);
  await world.pass(12);
  const duties = world.fold.dutiesOf(subject);
  t.strictSame(duties.map(({ state }) => state), ['revealed', 'revealed']);
  t.match(world.of('closed'), [{ outcome: 'ok', fraudClaimed: false }]);
  const [record] = world.fold.view().executors;
  t.match(record, { audited: 1, clean: 1, withheld: 0, rate: 10_000, proven: null });
  t.strictSame(codes(world), []);
  t.equal(world.of('evidence').length, 1);
});

t.test('nobody audits what it asked for or answered, nor who became an auditor later', async (t) => {
  const world = new World({ auditors: 4 });
  const [requester, executor] = world.auditors as [Party, Party];
  await world.pass(3);
  for (let i = 0; i < 6; i++) world.work(requester, executor);
  const late = world.auditor('late');
  world.auditors.push(late);
  await world.pass(12);
  const drawn = new Set(world.of('duty').map(({ duty }) => duty.auditor));
  t.same([...drawn].sort(), world.auditors.slice(2, 4).map(({ hex }) => hex).sort());
});

t.test('too few auditors: inconclusive, and said', async (t) => {
  const { world, requester, executor } = await started({ auditors: 1 });
  world.work(requester, executor);
  await world.pass(4);
  t.match(world.of('closed'), [{ outcome: 'inconclusive', reason: 'too few auditors' }]);
  t.equal(world.of('duty').length, 0);
});

t.test('no beacon: what waits is drawn with the next one', async (t) => {
  const { world, requester, executor } = await started();
  await world.cut({ reveals: () => false });
  world.work(requester, executor);
  await world.pass(4, { reveals: (witness) => witness === 0 });
  t.equal(world.of('subject').length, 0);
  t.equal(world.fold.view().waiting, 1);
  const silent = world.witnesses[2]!.hex;
  t.equal(world.fold.view().missedReveals.get(silent), 5, 'and epoch 0, for which no chain can be');
  await world.pass(12);
  t.match(world.of('closed'), [{ outcome: 'ok' }]);
});

t.test('what the executor withholds, the requester opens; what both do is provable', async (t) => {
  const { world, requester, executor } = await started();
  world.silent.add(executor.hex);
  world.work(requester, executor);
  await world.pass(12);
  t.match(world.of('closed'), [{ outcome: 'ok' }]);
  world.silent.add(requester.hex);
  const { subject } = world.work(requester, executor);
  await world.pass(12);
  t.match(world.of('closed')[1], { outcome: 'withheld' });
  t.match(world.fold.dutiesOf(subject), [{ state: 'withheld', request: { index: 2 } }, {}]);
  t.match(world.fold.view().executors[0], { withheld: 1, clean: 0, audited: 1 });
});

t.test('an attempt without artifact is audited by what its requester settled', async (t) => {
  const { world, requester, executor } = await started();
  world.append(executor, 'artifacts', {
    type: 'capability',
    offerings: [{
      profile: new Uint8Array(32).fill(1),
      name: 'model',
      price: 1,
      class: new Uint8Array(32).fill(2),
    }],
    slots: 1,
    maxTokens: 100,
    hardware: '',
    at: 0,
  });
  const { subject } = world.work(requester, executor, { artifact: false });
  await world.pass(14);
  t.match(world.of('subject'), [{ subject: { id: subject, kind: 'settle' }, rate: 10_000 }]);
  t.match(world.of('closed'), [{ outcome: 'ok' }]);
  t.not(world.fold.dutiesOf(subject)[0]!.calibration, null);
});

t.test('an executor that withholds what its requester settled is not blamed for it', async (t) => {
  const { world, requester, executor } = await started();
  for (const { hex } of [requester, executor]) world.silent.add(hex);
  world.work(requester, executor, { artifact: false });
  await world.pass(12);
  t.match(world.of('closed'), [{ outcome: 'withheld' }]);
  t.match(world.fold.view().executors[0], { withheld: 0 });
});

t.test('without artifact and settlement it is the acknowledgement that the executor claims', async (t) => {
  const { world, requester, executor } = await started();
  const { job } = world.work(requester, executor, { artifact: false, settle: false });
  const ack = { tokens: 16, signature: new Uint8Array(64).fill(1) };
  const claim = {
    type: 'claim' as const,
    job,
    attempt: 0,
    requester: requester.key,
    ack,
    heads: [],
    at: 0,
  };
  const { job: other } = world.work(requester, executor, { artifact: false, settle: false });
  const unsigned = { ...ack, signature: new Uint8Array(64) };
  world.append(executor, 'artifacts', claim);
  world.append(executor, 'artifacts', { ...claim, job: other, ack: unsigned });
  await world.pass(3, { act: false });
  t.match(world.of('subject'), [{ subject: { kind: 'claim', tokens: 16 }, audited: true }]);
  t.equal(world.of('subject').length, 1);
  t.match(world.of('finding'), [{ finding: { code: 'subject', place: { index: 2 } } }]);
});

t.test('logs that lag behind change the order of steps, not what comes of them', async (t) => {
  for (const seed of [1, 2, 3]) {
    const { world, requester, executor } = await started({ seed });
    for (let i = 0; i < 5; i++) world.work(requester, executor);
    const prompt = new Set(world.witnesses.map(({ cores }) => hex(cores.attestations)));
    let lag = 0;
    await world.pass(20, {
      lagging: (core) => world.epoch % 2 === 0 && !prompt.has(core) && lag++ % 3 === 0,
    });
    t.ok(lag > 5);
    await world.pass(6);
    t.equal(world.of('closed').length, 5);
    t.same(new Set(world.of('closed').map(({ outcome }) => outcome)), new Set(['ok']));
  }
});

t.test('the rate falls with a clean record', async (t) => {
  const { world, requester, executor } = await started({ rules: { auditRamp: 4, auditLeast: 0 } });
  for (let i = 0; i < 8; i++) world.work(requester, executor);
  await world.pass(12);
  t.match(world.fold.view().executors[0], { audited: 8, clean: 8, rate: 5000 });
  for (let i = 0; i < 40; i++) world.work(requester, executor);
  await world.cut();
  await world.cut();
  const audited = world.of('subject').slice(8).filter((event) => event.audited).length;
  t.ok(audited > 8 && audited < 32, `${audited} of 40 at one half`);
});

t.test('what a node does for itself is nobody’s to audit', async (t) => {
  const world = new World();
  const loner = world.party('loner');
  await world.pass(3);
  const { subject } = world.work(loner, loner);
  await world.pass(8);
  t.strictSame(world.fold.dutiesOf(subject), []);
  t.strictSame(world.fold.view().executors, []);
});

t.test('either party may open: a key that is none stands in nobody’s way', async (t) => {
  const world = new World();
  const requester = world.party('requester'), executor = world.party('executor');
  await world.pass(3);
  const work = world.work(requester, executor);
  for (const { hex } of world.auditors) world.manners.set(hex, { commits: false });
  await world.pass(4);
  const [duty] = world.fold.dutiesOf(work.subject);
  t.match(duty, { state: 'opened', opens: [{ by: executor.hex }] });
  const waits = () => world.fold.toOpen(requester.hex).map(({ auditor }) => auditor);
  t.ok(waits().includes(duty!.auditor), 'until there is a verdict');
  t.strictSame(world.fold.toOpen(executor.hex), []);
  const auditor = world.auditors.find(({ hex }) => hex === duty!.auditor)!;
  const open = {
    type: 'open' as const,
    subject: fromHex(work.subject),
    job: work.job,
    attempt: 0,
    auditor: auditor.key,
    sealed: new Uint8Array(72),
    at: 0,
  };
  world.append(requester, 'jobs', open);
  world.append(requester, 'jobs', { ...open, at: 1 });
  await world.cut();
  const [after] = world.fold.dutiesOf(work.subject);
  t.strictSame(after!.opens.map(({ by }) => by), [executor.hex, requester.hex]);
  t.strictSame([after!.open, after!.due], [duty!.open, duty!.due], 'it moves no deadline');
  t.notOk(waits().includes(duty!.auditor));
  t.match(world.of('finding').map(({ finding }) => finding.code), ['open'], 'each once');
});
