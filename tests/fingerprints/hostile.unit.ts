import fc from 'fast-check';
import t from 'tap';
import { plainCopy, toHex } from '../../feeds/base/mod.ts';
import { combine, FingerprintFold, PRINT_STATE } from '../../feeds/fingerprints/mod.ts';
import { decodeRecord, type FingerprintRecord } from '../../feeds/records/mod.ts';
import { Roster, TrustFold } from '../../feeds/trust/mod.ts';
import * as any from '../records/arbitrary.ts';
import { bytes32, PROFILE } from '../trust/world.ts';
import { Machines, PRINT_RULES, printOf, spread, TRUTH } from './machines.ts';

const profile = toHex(PROFILE);

/** A mesh in which challengers are drawn and have said nothing yet. */
async function drawn() {
  const world = new Machines();
  for (const { hex } of world.auditors) world.says.set(hex, () => null);
  const executor = world.executor('executor');
  for (let i = 0; i < 10 && world.said('print-duty').length === 0; i++) await world.cut();
  const duties = world.said('print-duty').map(({ duty }) => duty);
  const of = (key: string) => world.auditors.find(({ hex }) => hex === key)!;
  return { world, executor, duties, of };
}

/** Tells of what a record claims the executor could do, were it believed. */
const tampered = (print: FingerprintRecord): FingerprintRecord => ({
  ...print,
  decode: spread(10 * TRUTH.decode),
});

t.test('what nobody was drawn for counts for nothing', async (t) => {
  const { world, executor, duties, of } = await drawn();
  const [duty] = duties;
  const honest = printOf(duty!, TRUTH);
  const out = world.auditors.find(({ hex }) =>
    !duties.some(({ challenger }) => challenger === hex)
  );
  world.attest(out!, tampered(honest));
  world.attest(executor, tampered(honest));
  world.attest(of(duty!.challenger), { ...tampered(honest), executor: bytes32('nobody') });
  world.attest(of(duty!.challenger), { ...tampered(honest), beacon: duty!.beacon - 1 });
  world.attest(of(duty!.challenger), { ...tampered(honest), class: bytes32('class') });
  world.attest(of(duty!.challenger), { ...tampered(honest), runs: 8 });
  await world.cut();
  t.same(world.codes.sort(), [
    'print-class',
    'print-not-drawn',
    'print-old-beacon',
    'print-runs',
    'print-self',
    'print-unknown',
  ]);
  t.ok(world.prints.view().findings.every(({ author }) => author !== ''));
  for (const { challenger } of duties) {
    world.attest(of(challenger), printOf({ ...duty!, challenger }, TRUTH));
  }
  await world.cut();
  const attested = world.prints.attested(executor.hex, profile)!;
  t.equal(attested.decodeRate, TRUTH.decode, 'the first that counts is the honest one');
  t.equal(attested.by.length, 3);
});

t.test('the second fingerprint of a challenger counts for nothing', async (t) => {
  const { world, executor, duties, of } = await drawn();
  const { challenger } = duties[0]!;
  for (const duty of duties) world.attest(of(duty.challenger), printOf(duty, TRUTH));
  world.attest(of(challenger), tampered(printOf(duties[0]!, TRUTH)));
  world.attest(of(challenger), { ...printOf(duties[0]!, TRUTH), runs: 0 });
  await world.cut();
  t.same(world.codes, ['print-twice', 'print-twice']);
  t.equal(world.prints.attested(executor.hex, profile)!.decodeRate, TRUTH.decode);
});

t.test('copied ids of jobs back nobody but their maker', async (t) => {
  for (const isOwner of [false, true]) {
    const { world, executor, duties, of } = await drawn();
    const [thief, ...honest] = duties.map(({ challenger }) => of(challenger));
    const late = new Set([toHex(executor.cores.artifacts)]);
    const stolen: Uint8Array[] = [];
    for (const [i, one] of honest.entries()) {
      const { core, blocks } = world.logs.get(toHex(one.cores.jobs))!;
      late.add(toHex(core));
      const from = blocks.length, jobs = world.probe(one, executor);
      world.attest(one, { ...printOf(duties[i + 1]!, TRUTH), jobs });
      stolen.push(...jobs);
      for (const record of blocks.slice(from).map(decodeRecord)) {
        if (record.type !== 'job') continue;
        const requester = isOwner ? record.requester : thief!.key;
        world.append(thief!, 'jobs', { ...record, requester });
      }
    }
    world.attest(thief!, { ...tampered(printOf(duties[0]!, TRUTH)), jobs: stolen.slice(0, 16) });
    // The copies stand in a cut before what they were made of.
    await world.cut({ lagging: (core) => late.has(core) });
    await world.pass(3);
    const attested = world.prints.attested(executor.hex, profile)!;
    t.same(attested.by, honest.map(({ hex }) => hex).sort());
    t.equal(attested.decodeRate, TRUTH.decode);
    t.same(world.codes, ['print-unbacked']);
    const missed = world.said('print-duty').filter(({ duty }) => duty.state === 'missed');
    t.same(missed.map(({ duty }) => duty.challenger), [thief!.hex]);
  }
});

t.test('a fingerprint of an earlier draw is refused, however good it was', async (t) => {
  const { world, executor, duties, of } = await drawn();
  const old = printOf(duties[0]!, { ...TRUTH, decode: 3 * TRUTH.decode });
  for (const duty of duties) world.attest(of(duty.challenger), printOf(duty, TRUTH));
  await world.cut();
  const before = world.prints.attested(executor.hex, profile);
  world.attest(of(duties[0]!.challenger), old);
  await world.cut();
  t.same(world.codes, ['print-old-beacon'], 'no draw is open');
  const isOpen = () => world.auditors.some(({ hex }) => world.prints.owedBy(hex).length > 0);
  for (let i = 0; i < 20 && !isOpen(); i++) await world.cut();
  const [again] = world.auditors.flatMap(({ hex }) => world.prints.owedBy(hex));
  world.attest(of(again!.challenger), { ...printOf(again!, TRUTH), beacon: duties[0]!.beacon });
  await world.cut();
  t.same(world.codes, ['print-old-beacon', 'print-old-beacon'], 'another is');
  t.same(world.prints.attested(executor.hex, profile), before);
});

t.test('a fingerprint that comes after its time is refused', async (t) => {
  const { world, duties, of } = await drawn();
  await world.pass(4);
  t.equal(world.said('unattested')[0]!.reason, 'missed');
  world.attest(of(duties[0]!.challenger), printOf(duties[0]!, TRUTH));
  await world.cut();
  t.same(world.codes, ['print-old-beacon']);
});

t.test('figures of what nobody offers, or of another class, are no claims', async (t) => {
  const world = new Machines();
  const party = world.party('party'), executor = world.executor('executor');
  world.claim(party);
  world.claim(executor, { class: bytes32('other') });
  await world.pass(2);
  t.same(world.codes.sort(), ['print-class', 'print-unknown']);
  t.equal(world.prints.view().rows.length, 1);
});

t.test('a lying minority moves nothing beyond what honest challengers found', (t) => {
  const measured = (decode: number) => ({
    ...printOf(
      {
        executor: '00',
        profile: '00',
        backendClass: '00',
        challenger: '',
        beacon: 0,
        draw: '',
        due: 0,
        state: 'drawn',
        place: null,
      },
      { ...TRUTH, decode },
    ),
  });
  const honestRate = fc.integer({ min: 80_000, max: 100_000 });
  const lie = fc.record({
    at: fc.integer({ min: 0, max: 2 ** 30 }),
    width: fc.double({ min: 0, max: 1, noNaN: true }),
    context: fc.nat(),
    contextFailed: fc.nat(),
    runs: fc.integer({ min: 9, max: 4096 }),
  });
  const world = fc.integer({ min: 1, max: 3 }).chain((liars) =>
    fc.tuple(
      fc.array(honestRate, { minLength: liars + 1, maxLength: 5 }),
      fc.array(lie, { minLength: liars, maxLength: liars }),
    )
  );
  fc.assert(fc.property(world, ([rates, lies]) => {
    const honest = rates.map(measured);
    const said = lies.map(({ at, width, ...but }) => ({
      ...measured(1),
      decode: spread(at, width),
      prefill: spread(at, width),
      streams: [{ streams: 9, ...spread(at, width) }],
      ...but,
    }));
    const { decode, decodeRate, prefill, streamRate, streams, context } = combine([
      ...said,
      ...honest,
    ])!;
    const lows = honest.map(({ decode }) => decode.low);
    const highs = honest.map(({ decode }) => decode.high);
    return decode.low >= Math.min(...lows) && decode.low <= Math.max(...lows) &&
      decode.high >= Math.min(...highs) && decode.high <= Math.max(...highs) &&
      decodeRate >= Math.min(...rates) && decodeRate <= Math.max(...rates) &&
      prefill.low === honest[0]!.prefill.low && prefill.high === honest[0]!.prefill.high &&
      streamRate!.low === honest[0]!.streams[1]!.low && streams!.high === 4 &&
      context.low === TRUTH.context;
  }));
  t.pass('in 100 cases');
  t.end();
});

t.test('one of three that lies accuses nobody and hides nothing', async (t) => {
  const lies = [
    (print: FingerprintRecord) => ({ ...print, decode: spread(1), prefill: spread(1) }),
    (print: FingerprintRecord) => ({ ...print, decode: spread(10 ** 9), prefill: spread(10 ** 9) }),
    (print: FingerprintRecord) => ({ ...print, streams: [], contextFailed: 1, context: 0 }),
    (print: FingerprintRecord) => ({ ...print, runs: 0 }),
    () => null,
  ];
  for (const [i, lie] of lies.entries()) {
    const world = new Machines({ auditors: 3 });
    world.says.set(world.auditors[1]!.hex, lie);
    const honest = world.executor('honest');
    const fast = world.executor('fast', { decode: 2 * TRUTH.decode });
    await world.pass(10);
    const accused = new Set(world.said('claim-contradicted').map(({ executor }) => executor));
    t.same([...accused], [fast.hex], `lie ${i}`);
    t.equal(world.prints.attested(honest.hex, profile)!.decodeRate, TRUTH.decode);
  }
});

t.test('a single challenger accuses nobody', async (t) => {
  const world = new Machines({ auditors: 1 });
  const executor = world.executor('executor', { decode: 2 * TRUTH.decode });
  await world.pass(6);
  const attested = world.prints.attested(executor.hex, profile)!;
  t.equal(attested.contradicted.length, 1, 'it is shown');
  t.same(world.said('claim-contradicted'), []);
});

t.test('whatever challengers write, the fold goes on and stays in order', async (t) => {
  const prints = fc.sample(any.fingerprint, { seed: 6, numRuns: 200 });
  const figures = fc.sample(any.figures, { seed: 6, numRuns: 40 });
  const world = new Machines({ auditors: 5 });
  let n = 0;
  for (const { hex } of world.auditors) {
    world.says.set(hex, (honest) => {
      const { executor, profile, class: kind, beacon } = honest, wild = prints[n++ % 200]!;
      return n % 5 === 0 ? wild : { ...wild, jobs: [], executor, profile, class: kind, beacon };
    });
  }
  const executor = world.executor('executor');
  for (const { type: _, network: _n, profile: _p, class: _c, ...wild } of figures) {
    world.claim(executor, wild);
    await world.pass(3);
  }
  const attested = world.said('attested').map(({ attested }) => attested);
  t.ok(attested.length > 5, `${attested.length} classes`);
  for (const { prefill, decode, streams, streamRate, context } of attested) {
    for (const interval of [prefill, decode, streams, streamRate, context]) {
      if (interval === null) continue;
      const { low, high, confidence } = interval;
      const isWhole = [low, high, confidence].every((one) => Number.isSafeInteger(one) && one >= 0);
      if (!isWhole || low > high || confidence > 10_000) t.fail(JSON.stringify(interval));
    }
  }
});

/** Some of everything, cut by cut. */
async function history(): Promise<Machines> {
  const world = new Machines({ auditors: 6, seed: 4 });
  world.says.set(world.auditors[0]!.hex, tampered);
  world.says.set(world.auditors[1]!.hex, () => null);
  const honest = world.executor('honest');
  world.executor('fast', { decode: 2 * TRUTH.decode });
  await world.pass(12);
  world.truths.set(honest.hex, { ...TRUTH, decode: TRUTH.decode / 2 });
  world.attest(world.auditors[2]!, printOf(world.said('print-duty')[0]!.duty, TRUTH));
  let n = 0;
  await world.pass(24, { lagging: () => n++ % 7 === 0 });
  return world;
}

t.test('the order of entries and restarts make no difference', async (t) => {
  const world = await history();
  const types = new Set(world.told.map(({ type }) => type));
  for (
    const type of ['attested', 'claim-contradicted', 'speed-class-changed', 'finding', 'claimed']
  ) {
    t.ok(types.has(type as 'attested'), type);
  }
  const { options, printOptions, random } = world;
  let trust = new TrustFold(options);
  let prints = new FingerprintFold({ ...printOptions, roster: trust.roster });
  for (const [i, { cut, entries }] of world.cuts.entries()) {
    const shuffled = entries.map((entry) => ({ entry, at: random() }))
      .sort((a, b) => a.at - b.at).map(({ entry }) => entry);
    const events = await trust.takeCut({ ...cut, spans: [...cut.spans].reverse() }, shuffled);
    const beacons = events.flatMap((event) => event.type === 'beacon' ? [event] : []);
    prints.takeCut(cut, trust.known, beacons);
    if (i % 3 !== 0) continue;
    trust = TrustFold.restore(options, trust.state());
    const state = plainCopy(prints.state());
    prints = FingerprintFold.restore({ ...printOptions, roster: trust.roster }, state);
  }
  t.strictSame(prints.view(), world.prints.view());
});

t.test('another cut than the next one, and a state of another version, are refused', async (t) => {
  const world = await history();
  const [cut] = world.handed[0]!;
  t.throws(() => world.prints.takeCut(cut, [], []), { code: 'PRINTS_WRONG_CUT' });
  const state = { ...world.prints.state(), version: PRINT_STATE + 1 };
  const options = { ...world.printOptions, roster: new Roster(() => 1) };
  t.throws(() => FingerprintFold.restore(options, state), { code: 'STATE_UNKNOWN' });
  t.ok(PRINT_RULES.printRuns >= 6, 'fewer would bound nothing');
});
