import t from 'tap';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import { LIMITS, type LogRecord, verdictCommitment } from '../../feeds/records/mod.ts';
import { type Duty, type Known, LOG_UNIT, type Subject } from '../../feeds/trust/mod.ts';
import { type Around, Audits } from '../../feeds/trust/audits.ts';
import { Executor } from '../../feeds/trust/executors.ts';
import { Subjects } from '../../feeds/trust/subjects.ts';
import { World as Told } from '../../feeds/trust/world.ts';
import { encodeCalibration } from '../../node/audit/mod.ts';
import { bytes32, calibration, NETWORK, type Party, RULES, World } from './world.ts';

/** Some cuts into a mesh whose auditors have time. */
async function started() {
  const world = new World({ auditors: 5, rules: { commitCuts: 8 } });
  const requester = world.party('requester'), executor = world.party('executor');
  await world.pass(3);
  return { world, requester, executor };
}

const attest = (world: World, who: Party, record: LogRecord) =>
  world.append(who, 'attestations', record);
const codes = (world: World) => world.of('finding').map(({ finding }) => finding.code);

t.test('verdicts about what nobody knows, and by who was not drawn, are listed and ignored', async (t) => {
  const { world, requester, executor } = await started();
  const { subject, job } = world.work(requester, executor);
  await world.cut();
  await world.cut();
  const drawn = world.fold.dutiesOf(subject).map(({ auditor }) => auditor);
  const other = world.auditors.find(({ hex }) => !drawn.includes(hex))!;
  const value = bytes32('value');
  for (const about of [bytes32('unknown'), fromHex(subject)]) {
    attest(world, other, { type: 'verdictCommit', network: NETWORK, subject: about, value, at: 0 });
  }
  const index = attest(world, other, {
    type: 'request',
    network: NETWORK,
    subject: fromHex(subject),
    job,
    attempt: 0,
    at: 0,
  });
  await world.pass(10);
  t.same(codes(world), ['request', 'unknown-subject', 'commit']);
  t.equal(world.of('finding')[0]!.finding.place.index, index);
  t.match(world.of('closed'), [{ outcome: 'ok' }]);
});

t.test('a reveal counts with its commitment, in a later cut, when all have committed, once', async (t) => {
  const { world, requester, executor } = await started();
  const { subject } = world.work(requester, executor);
  const liar = { commits: false };
  for (const { hex } of world.auditors) world.manners.set(hex, liar);
  await world.pass(6);
  const duties = world.fold.dutiesOf(subject);
  t.same(duties.map(({ state }) => state), ['opened', 'opened']);
  const [early, late] = duties.map(({ auditor }) =>
    world.auditors.find(({ hex }) => hex === auditor)!
  ) as [Party, Party];
  const verdict = (who: Party, i: number) =>
    world.honest(duties[i]!, world.works.get(subject)!, who);
  const commit = (who: Party, i: number) =>
    attest(world, who, {
      type: 'verdictCommit',
      network: NETWORK,
      subject: fromHex(subject),
      value: verdictCommitment(who.key, verdict(who, i)),
      at: 0,
    });
  attest(world, early, { ...verdict(early, 0), commit: 3 });
  const first = commit(early, 0);
  attest(world, early, { ...verdict(early, 0), commit: first });
  await world.cut();
  t.same(codes(world), ['reveal-without-commit', 'reveal-without-commit'], 'in the same cut');
  t.match(world.fold.dutiesOf(subject)[0], { state: 'committed', mayReveal: false, due: null });
  attest(world, early, { ...verdict(early, 0), commit: first });
  await world.cut();
  t.equal(codes(world).at(-1), 'reveal', 'before the other has committed');
  const second = commit(late, 1);
  await world.cut();
  t.same(world.fold.dutiesOf(subject).map(({ state, mayReveal }) => [state, mayReveal]), [[
    'committed',
    true,
  ], ['committed', true]]);
  attest(world, early, { ...verdict(early, 0), commit: first, finding: 'fraud' });
  attest(world, early, { ...verdict(early, 0), commit: first });
  attest(world, early, { ...verdict(early, 0), commit: first });
  attest(world, late, { ...verdict(late, 1), commit: second });
  await world.cut();
  t.same(codes(world).slice(-2), ['reveal', 'duplicate']);
  t.match(world.of('closed'), [{ outcome: 'ok' }]);
});

t.test('keys opened by strangers, and for other jobs, open nothing', async (t) => {
  const { world, requester, executor } = await started();
  for (const { hex } of [requester, executor]) world.silent.add(hex);
  const { subject, job } = world.work(requester, executor);
  await world.pass(3);
  const stranger = world.party('stranger');
  const [duty] = world.fold.dutiesOf(subject) as [Duty];
  const open = {
    type: 'open' as const,
    subject: fromHex(subject),
    job,
    attempt: 0,
    auditor: fromHex(duty.auditor),
    sealed: new Uint8Array(72),
    at: 0,
  };
  world.append(stranger, 'jobs', open);
  world.append(requester, 'artifacts', open);
  world.append(executor, 'artifacts', { ...open, job: bytes32('other') });
  world.append(executor, 'artifacts', { ...open, auditor: stranger.key });
  await world.pass(6);
  t.same(codes(world), ['open', 'open', 'open', 'open']);
  t.match(world.of('closed'), [{ outcome: 'withheld' }]);
});

t.test('a job, its artifact or settlement once more is no second subject', async (t) => {
  const { world, requester, executor } = await started();
  world.work(requester, executor);
  await world.pass(2);
  const log = (party: Party, name: 'jobs' | 'artifacts') =>
    [...world.logs.values()].find(({ core }) => core === party.cores[name])!;
  log(requester, 'jobs').blocks.push(...log(requester, 'jobs').blocks.slice(1));
  log(executor, 'artifacts').blocks.push(...log(executor, 'artifacts').blocks.slice(1));
  await world.pass(2 * 40 + 12);
  // Both know the job no more: it is a new one to them, but not to its executor's record.
  log(requester, 'jobs').blocks.push(...log(requester, 'jobs').blocks.slice(1, 3));
  log(executor, 'artifacts').blocks.push(log(executor, 'artifacts').blocks[1]!);
  await world.pass(6);
  t.equal(world.of('subject').length, 1);
  t.same(codes(world), ['duplicate', 'subject-late', 'duplicate']);
});

t.test('artifacts by another executor, or with other counts, are no subjects', async (t) => {
  const { world, requester, executor } = await started();
  world.work(requester, executor, { tokens: 201, settle: false });
  const thief = world.party('thief');
  world.work(requester, executor, { artifact: false, settle: false });
  const made = world.work(requester, thief, { settle: false });
  const { blocks } = world.logs.get(world.of('beacon').length > 0 ? hexOf(thief) : '')!;
  world.logs.get(hexOf(executor))!.blocks.push(blocks.pop()!);
  await world.pass(6);
  t.equal(world.of('subject').length, 0);
  t.same(codes(world).sort(), ['subject', 'subject']);
  t.ok(made);
});

t.test('logs of no identity, of a second one, and garbage change nothing', async (t) => {
  const { world, requester, executor } = await started();
  const forged = world.party('forged');
  const twin = { ...forged, key: requester.key, hex: requester.hex };
  const identity = {
    type: 'identity' as const,
    publicKey: twin.key,
    ...twin.cores,
    box: bytes32('box'),
    account: null,
    signature: new Uint8Array(64).fill(1),
  };
  const core = bytes32('somewhere');
  world.append({ ...twin, cores: { ...twin.cores, jobs: core } }, 'jobs', identity);
  world.append({ ...twin, cores: { ...twin.cores, jobs: core } }, 'jobs', {
    ...identity,
    jobs: core,
  });
  const second = { ...twin, cores: { ...twin.cores, jobs: bytes32('second') } };
  world.append(second, 'jobs', { ...identity, jobs: second.cores.jobs });
  [...world.logs.values()].find(({ core }) => core === executor.cores.artifacts)!
    .blocks.push(Uint8Array.of(1, 2, 3), new Uint8Array(), bytes32('noise'));
  world.append(executor, 'artifacts', { type: 'canary', network: NETWORK, plan: core, at: 0 });
  world.work(requester, executor);
  await world.pass(10);
  t.same(codes(world).sort(), [
    'identity',
    'identity',
    'undecodable',
    'undecodable',
    'undecodable',
    'wrong-log',
  ]);
  t.match(world.of('closed'), [{ outcome: 'ok' }]);
});

t.test('only a table that witnesses with over a third of the weight wrote is a calibration', async (t) => {
  const world = new World({ auditors: 4, witnesses: 3 });
  const requester = world.party('requester'), executor = world.party('executor');
  await world.pass(3);
  const made = { ...calibration, deltaPpm: 101 };
  const table = encodeCalibration(made);
  world.calibrate(executor, table);
  world.calibrate(world.auditors[0]!, table);
  world.calibrate(world.witnesses[0]!, table);
  world.calibrate(world.witnesses[0]!, new Uint8Array(100));
  await world.cut();
  t.same(codes(world), ['calibration', 'calibration', 'calibration']);
  const before = world.work(requester, executor);
  await world.pass(3);
  const used = world.fold.dutiesOf(before.subject)[0]!.calibration!;
  world.calibrate(world.witnesses[1]!, table);
  const meanwhile = world.work(requester, executor);
  await world.cut();
  const after = world.work(requester, executor);
  await world.pass(4);
  t.same(world.fold.dutiesOf(meanwhile.subject)[0]!.calibration, used, 'not for what was there');
  const next = world.fold.dutiesOf(after.subject)[0]!.calibration!;
  t.not(next.hash, used.hash);
  t.match(next.place, { cut: 3 });
});

const hexOf = ({ cores }: Party) =>
  [...cores.artifacts].map((byte) => byte.toString(16).padStart(2, '0')).join('');

t.test('what waits for its job is bounded for each author, and for all together', (t) => {
  const world = new Told(RULES);
  const known = (owner: string, n: number) => ({
    owner,
    place: { core: owner, index: n, cut: 0 },
    record: { type: 'claim', job: bytes32('job'), attempt: 0 },
  } as unknown as Known);
  const subjects = new Subjects(() => Promise.resolve(true), () => null, 5000);
  const take = (owner: string, count: number) => {
    const before = world.findingCount;
    subjects.take(Array.from({ length: count }, (_, n) => known(owner, n)), world);
    return count - (world.findingCount - before);
  };
  t.equal(take('one', 4097), 4096);
  t.equal(take('two', 4097), 904);
  const other = new Subjects(() => Promise.resolve(true), () => null, 5000);
  other.load(subjects.state());
  subjects.load(other.state());
  t.equal(take('three', 1), 0, 'a restart forgets nothing');
  t.end();
});

t.test('an answer waits for its offer as long as any, whatever was logged ahead of it', async (t) => {
  const world = new World({ auditors: 5, rules: { challengeCuts: 6 } });
  const requester = world.party('requester'), executor = world.party('executor');
  const junk = world.party('junk');
  await world.pass(3);
  const { job, subject } = world.work(requester, executor);
  const ack = { tokens: 1, signature: new Uint8Array(64) };
  world.append(junk, 'artifacts', {
    type: 'claim',
    job,
    attempt: 0,
    requester: requester.key,
    ack,
    heads: [],
    at: 0,
  });
  const jobs = toHex(requester.cores.jobs), artifacts = toHex(executor.cores.artifacts);
  await world.pass(8, { lagging: (core) => core === jobs || core === artifacts });
  await world.pass(7, { lagging: (core) => core === jobs });
  t.match(world.of('finding').map(({ finding }) => finding), [{
    place: { core: toHex(junk.cores.artifacts) },
    detail: 'its job was never logged',
  }]);
  await world.pass(8);
  t.match(world.of('closed'), [{ subject: { id: subject }, outcome: 'ok' }]);
});

t.test('a cheat is proven once for each model that it cheated with', (t) => {
  const told = new Told(RULES), executor = new Executor('cheat');
  const evidence = new Map([[2, [5 * LOG_UNIT, 5 * LOG_UNIT]]]);
  let beacon = 0;
  const audit = (profile: string) => {
    const subject = { id: `${beacon}`, profile } as Subject;
    executor.expect(++beacon);
    executor.close(
      beacon,
      { subject, outcome: 'suspect', wasWithheld: false, evidence },
      null,
    );
    executor.extend(told);
  };
  for (let i = 0; i < 20; i++) audit('small');
  for (let i = 0; i < 20; i++) audit('great');
  const proven = () =>
    told.take().flatMap((event) => event.type === 'proven' ? event.cheat.profile : []);
  t.same(proven(), ['small', 'great']);
  t.equal(executor.proven!.profile, 'small');
  const again = Executor.from(structuredClone(executor.state()));
  again.expect(++beacon);
  const subject = { id: 'later', profile: 'great' } as Subject;
  again.close(beacon, { subject, outcome: 'suspect', wasWithheld: false, evidence }, null);
  again.extend(told);
  t.same(proven(), [], 'a restart proves nothing twice');
  t.end();
});

t.test('a cut may bring very many subjects', (t) => {
  const audits = new Audits({} as Around);
  audits.await(new Array<never>(200_000));
  t.equal(audits.waiting, 200_000);
  t.end();
});

t.test('a cut that is full of junk is folded like any other', async (t) => {
  const world = new World({ auditors: 1 });
  const junk = world.party('junk');
  await world.cut();
  const log = world.logs.get(toHex(junk.cores.artifacts))!;
  for (let i = 0; i < LIMITS.cutBlocks; i++) log.blocks.push(Uint8Array.of(i));
  const events = await world.cut({ act: false });
  t.equal(events.filter(({ type }) => type === 'finding').length, LIMITS.cutBlocks);
  t.equal(world.fold.view().findings.length, 256);
  t.match(await world.cut(), [{ type: 'beacon' }]);
});
