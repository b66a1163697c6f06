import t from 'tap';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import { CONFIDENCE, medianInterval } from '../../feeds/fingerprints/mod.ts';
import { PROFILE } from '../trust/world.ts';
import { Machines, printOf, TRUTH } from './machines.ts';

const profile = toHex(PROFILE);

t.test('challengers of the beacon attest a class that holds for its time', async (t) => {
  const world = new Machines();
  const executor = world.executor('executor');
  await world.pass(8);
  const attested = world.prints.attested(executor.hex, profile)!;
  t.equal(attested.by.length, 3);
  t.ok(attested.decode.low < TRUTH.decode && TRUTH.decode < attested.decode.high);
  t.equal(attested.decode.confidence, medianInterval(11).confidence);
  t.ok(attested.decode.confidence >= CONFIDENCE);
  t.equal(attested.decodeRate, TRUTH.decode);
  t.same(attested.streams, { low: 4, high: 4, confidence: attested.decode.confidence });
  t.same(attested.raw, { backend: 'cpu', rate: 500, memory: 64 });
  t.same(attested.contradicted, []);
  t.equal(attested.until, attested.epoch + 18);
  t.same(world.said('claim-contradicted'), []);
  t.same(world.codes, []);
  const drawn = world.said('print-duty').filter(({ duty }) => duty.state === 'drawn');
  t.equal(new Set(drawn.slice(0, 3).map(({ duty }) => duty.challenger)).size, 3);
  t.notOk(drawn.some(({ duty }) => duty.challenger === executor.hex));
  t.equal(new Set(drawn.map(({ duty }) => duty.draw)).size, drawn.length, 'a draw for each');
  await world.pass(40);
  const times = world.said('attested').map(({ attested: { epoch } }) => epoch);
  const gaps = times.slice(1).map((epoch, i) => epoch - times[i]!);
  t.ok(times.length >= 5, `measured ${times.length} times`);
  t.ok(gaps.every((gap) => gap >= 3 && gap <= 10), `after ${gaps.join(', ')} cuts`);
  t.ok(new Set(gaps).size > 1, 'nobody can tell when');
});

t.test('an auditor that executes is never its own challenger', async (t) => {
  const world = new Machines({ auditors: 3 });
  const [own] = world.auditors;
  world.truths.set(own!.hex, TRUTH);
  world.executors.set(own!.hex, own!);
  world.append(own!, 'artifacts', {
    type: 'capability',
    offerings: [{
      profile: PROFILE,
      name: 'm',
      price: 1,
      class: new Uint8Array(32).fill(2),
    }],
    slots: 1,
    maxTokens: 1,
    hardware: '',
    at: 0,
  });
  world.claim(own!);
  await world.pass(30);
  const attested = world.said('attested');
  t.ok(attested.length > 2);
  for (const { attested: { by } } of attested) {
    t.equal(by.length, 2, 'as many as there are besides it');
    t.notOk(by.includes(own!.hex));
  }
});

t.test('a claim of twice the speed is contradicted, of less than it can is not', async (t) => {
  const world = new Machines();
  const liar = world.executor('liar', { decode: 2 * TRUTH.decode });
  const modest = world.executor('modest', { decode: TRUTH.decode / 2, prefill: 1, streamRate: 1 });
  const close = world.executor('close', { decode: TRUTH.decode * 1.25 });
  const total = world.executor('total', { streamRate: 2 * TRUTH.streamRate });
  const more = world.executor('more', { streams: 8, streamRate: 2 * TRUTH.streamRate });
  await world.pass(8);
  const found = world.said('claim-contradicted');
  t.same(found.map(({ executor }) => executor).sort(), [liar.hex, total.hex].sort());
  const { figures, by, place } = found.find(({ executor }) => executor === liar.hex)!;
  t.same(figures.map(({ figure }) => figure), ['decode']);
  t.equal(figures[0]!.claimed, 2 * TRUTH.decode);
  t.equal(by.length, 3);
  t.equal(place.core, toHex(liar.cores.artifacts));
  t.ok(world.prints.attested(liar.hex, profile)!.decode.high < 2 * TRUTH.decode);
  for (const { hex } of [modest, close, more]) {
    t.same(world.prints.attested(hex, profile)!.contradicted, []);
  }
});

t.test('a context that most challengers cannot fill is contradicted', async (t) => {
  const world = new Machines({ auditors: 3 });
  const executor = world.executor('executor', { context: 131_072 });
  const failing = (contextFailed: number) => ({
    says: (honest: ReturnType<typeof printOf>) => ({ ...honest, contextFailed }),
  });
  world.auditors.slice(0, 2).forEach(({ hex }) => world.says.set(hex, failing(16_384).says));
  await world.pass(8);
  const [found] = world.said('claim-contradicted');
  t.same(found!.figures, [
    { figure: 'context', claimed: 131_072, low: TRUTH.context, high: 16_383 },
  ]);
  t.equal(found!.executor, executor.hex);
  const one = new Machines({ auditors: 3 });
  one.executor('executor', { context: 131_072 });
  one.says.set(one.auditors[0]!.hex, failing(16_384).says);
  await one.pass(8);
  t.same(one.said('claim-contradicted'), [], 'one alone may have met with an accident');
});

t.test('what was claimed when the challengers were drawn is judged', async (t) => {
  const world = new Machines();
  const executor = world.executor('executor', { decode: 2 * TRUTH.decode });
  for (let i = 0; i < 20 && world.said('print-duty').length === 0; i++) await world.cut();
  world.claim(executor);
  await world.pass(3);
  t.equal(world.said('claim-contradicted').length, 1, 'it is too late to take it back');
  t.equal(world.prints.claim(executor.hex, profile)!.decode, TRUTH.decode);
  await world.pass(12);
  t.equal(world.said('claim-contradicted').length, 1, 'and mended it stays');
});

t.test('a machine at half speed is of another class, one within the noise is not', async (t) => {
  const world = new Machines();
  const executor = world.executor('executor', { decode: 1, prefill: 1, streamRate: 1 });
  await world.pass(8);
  world.truths.set(executor.hex, { ...TRUTH, decode: 99_000 });
  await world.pass(12);
  t.same(world.said('speed-class-changed'), []);
  world.truths.set(executor.hex, {
    ...TRUTH,
    prefill: TRUTH.prefill / 2,
    decode: TRUTH.decode / 2,
    streamRate: TRUTH.streamRate / 2,
  });
  await world.pass(12);
  t.same(world.said('speed-class-changed')[0]!.figures, ['prefill', 'decode', 'streamRate']);
});

t.test('a class expires, and what is missed or unanswered is listed', async (t) => {
  const world = new Machines({ auditors: 3 });
  const executor = world.executor('executor');
  await world.pass(8);
  t.ok(world.prints.attested(executor.hex, profile));
  for (const { hex } of world.auditors) {
    world.says.set(hex, (honest) => ({ ...honest, runs: 0 }));
  }
  await world.pass(14);
  const [unanswered] = world.said('unattested');
  t.equal(unanswered!.reason, 'unanswered');
  t.equal(unanswered!.unanswered.length, 3);
  t.ok(world.prints.attested(executor.hex, profile), 'the class before holds on');
  for (const { hex } of world.auditors.slice(1)) world.says.set(hex, () => null);
  await world.pass(14);
  const missed = world.said('unattested').at(-1)!;
  t.equal(missed.reason, 'missed');
  t.same([...missed.missed], world.auditors.slice(1).map(({ hex }) => hex).sort());
  t.equal(world.said('speed-class-expired').length, 1);
  t.equal(world.prints.attested(executor.hex, profile), null);
  const [first] = world.prints.view().challengers
    .filter(({ challenger }) => challenger === world.auditors[1]!.hex);
  t.ok(first!.missed >= 1 && first!.done >= 2);
});

t.test('where nobody else can run the profile it says so', async (t) => {
  const world = new Machines({ auditors: 0 });
  world.executor('executor');
  await world.pass(5);
  const [first] = world.said('unattested');
  t.equal(first!.reason, 'nobody');
});

t.test('when more can measure than were drawn, they are drawn at once', async (t) => {
  const world = new Machines({
    auditors: 0,
    prints: { printEveryCuts: 1_000, printExpireCuts: 5_000 },
  });
  const executor = world.executor('executor');
  await world.pass(5);
  t.same(world.said('attested'), []);
  for (let i = 1; i <= 4; i++) {
    world.auditors.push(world.auditor(`late ${i}`));
    await world.pass(6);
    const by = world.prints.attested(executor.hex, profile)?.by ?? [];
    t.equal(by.length, Math.min(3, i), `${i} can`);
  }
  t.equal(world.said('attested').length, 3, 'and where there are enough, it goes its way');
});

t.test('without a beacon nobody is drawn, and with the next one they are', async (t) => {
  const world = new Machines();
  world.executor('executor');
  await world.pass(8, { reveals: () => false });
  t.same(world.said('print-duty'), []);
  await world.pass(3);
  t.ok(world.said('print-duty').length >= 3);
});

t.test('a network that draws nobody concludes nothing', async (t) => {
  const world = new Machines({ prints: { printChallengers: 0 } });
  const executor = world.executor('executor');
  await world.pass(8);
  t.same(world.said('print-duty'), []);
  t.ok(world.prints.claim(executor.hex, profile), 'claims are shown as such');
});

t.test('who stops offering is forgotten, and one of another class is not drawn', async (t) => {
  const world = new Machines({ prints: { printExpireCuts: 6 } });
  const executor = world.executor('executor');
  const offering = (kind: number) => [
    { profile: PROFILE, name: 'm', price: 1, class: new Uint8Array(32).fill(kind) },
  ];
  const capability = (offerings: ReturnType<typeof offering>) =>
    world.append(executor, 'artifacts', {
      type: 'capability',
      offerings,
      slots: 1,
      maxTokens: 1,
      hardware: '',
      at: 0,
    });
  await world.pass(8);
  t.ok(world.prints.attested(executor.hex, profile));
  capability([]);
  await world.cut();
  t.ok(world.prints.attested(executor.hex, profile), 'who is away may come back');
  capability(offering(77));
  await world.pass(2);
  t.equal(world.prints.attested(executor.hex, profile), null, 'it was measured in another class');
  t.equal(world.said('speed-class-expired').length, 1);
  const before = world.said('print-duty').filter(({ duty }) => duty.state === 'drawn').length;
  await world.pass(12);
  const after = world.said('print-duty').filter(({ duty }) => duty.state === 'drawn').length;
  t.equal(after, before, 'its claim is of a class that it has no more');
  capability([]);
  await world.pass(2);
  t.same(world.prints.view().rows, []);
});

t.test('duties name what a challenger needs, those that are due first before others', async (t) => {
  const world = new Machines();
  for (const { hex } of world.auditors) world.says.set(hex, () => null);
  world.executor('a');
  await world.pass(3);
  world.executor('b');
  await world.pass(2);
  const owed = world.auditors.flatMap(({ hex }) => world.prints.owedBy(hex));
  t.ok(owed.length > 0);
  for (const duty of owed) {
    t.equal(duty.profile, profile);
    t.equal(fromHex(duty.draw).length, 32);
    t.ok(duty.due >= world.epoch);
  }
});
