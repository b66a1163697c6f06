import t from 'tap';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  Attribution,
  classPower,
  EnergyMeter,
  type EnergySource,
  estimateSource,
  type FolderReader,
  grown,
  nvmlSource,
  PowerIntegral,
  raplSource,
  Turning,
} from '../../fingerprint/energy/mod.ts';

const RANGE = 262_143_328_850;

t.test('a counter that turns over has grown by what it has turned', (t) => {
  const whole = fc.integer({ min: 0, max: RANGE });
  fc.assert(fc.property(whole, whole, (before, more) => {
    const now = (before + more) % (RANGE + 1);
    return grown(before, now, RANGE + 1) === more;
  }));
  t.equal(grown(500, 20, null), 20, 'a driver that was loaded again begins at 0');
  const turning = new Turning([100, 10]);
  t.equal(turning.take([90, 5]), 0);
  t.equal(turning.take([95, 9]), 9);
  t.equal(turning.take([5, 1]), 21, 'each turns on its own');
  t.end();
});

t.test('power is added up over time by trapezoids', (t) => {
  const sum = new PowerIntegral();
  t.equal(sum.take(1000, 100), 0);
  t.equal(sum.take(2000, 300), 200);
  t.equal(sum.take(1500, 9000), 200, 'a sample that is late does not count');
  t.equal(sum.take(4000, 100), 600);
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 0, max: 700 }))),
    (steps) => {
      const constant = new PowerIntegral();
      let at = 0, last = 0;
      for (const [ms] of steps) last = constant.take(at += ms, 50);
      const first = steps[0]?.[0] ?? 0;
      return Math.abs(last - (at - first) * 0.05) < 1e-6 * (1 + at);
    },
  ));
  t.end();
});

/** Powercap's tree as the kernel shows it. */
function tree(zones: Record<string, { name: string; energy: number | string }>): string {
  const folder = mkdtempSync(join(tmpdir(), 'powercap-'));
  for (const [zone, { name, energy }] of Object.entries(zones)) {
    mkdirSync(join(folder, zone));
    writeFileSync(join(folder, zone, 'name'), `${name}\n`);
    writeFileSync(join(folder, zone, 'max_energy_range_uj'), `${RANGE}\n`);
    writeFileSync(join(folder, zone, 'energy_uj'), `${energy}\n`);
  }
  return folder;
}

function readerOf(folder: string): FolderReader {
  return {
    list: () => Promise.resolve(readdirSync(folder)),
    read: (paths) => Promise.resolve(paths.map((path) => readFileSync(join(folder, path), 'utf8'))),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

t.test('all packages count, with their memory, each over its turn', async (t) => {
  const folder = tree({
    'intel-rapl:0': { name: 'package-0', energy: RANGE - 1_000_000 },
    'intel-rapl:0:0': { name: 'core', energy: 7 },
    'intel-rapl:0:1': { name: 'dram', energy: 1000 },
    'intel-rapl:1': { name: 'package-1', energy: 0 },
    'intel-rapl:2': { name: 'psys', energy: 0 },
    'intel-rapl-mmio:0': { name: 'package-0', energy: 0 },
  });
  try {
    let now = 0;
    const source = await raplSource(readerOf(folder), () => now);
    if (!('info' in source)) return t.fail(source.reason);
    t.match(source.info, { name: 'rapl', detail: /package-0, dram, package-1/, stepMs: 1 });
    const set = (zone: string, energy: number) =>
      writeFileSync(join(folder, zone, 'energy_uj'), `${energy}\n`);
    set('intel-rapl:0', 999_999);
    set('intel-rapl:0:0', 1e9);
    set('intel-rapl:0:1', 501_000);
    set('intel-rapl:1', 4_000_000);
    set('intel-rapl:2', 9e9);
    now = 1000;
    const { at, joules } = await source.read();
    t.equal(at, 1000);
    t.equal(Math.round(joules * 1000), 6500, '2 J over the turn, 0.5 J of memory, 4 J');
    set('intel-rapl:1', 'gone' as unknown as number);
    await t.rejects(source.read(), { code: 'ENERGY_UNREADABLE' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

t.test('each die of a package counts', async (t) => {
  const folder = tree({
    'intel-rapl:0': { name: 'package-0-die-0', energy: 0 },
    'intel-rapl:1': { name: 'package-0-die-1', energy: 0 },
    'intel-rapl:2': { name: 'package-0-die-x', energy: 0 },
  });
  try {
    const source = await raplSource(readerOf(folder), () => 0);
    if (!('info' in source)) return t.fail(source.reason);
    t.equal(source.info.detail, 'processor: package-0-die-0, package-0-die-1');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

t.test('a counter that may not be read is told with what mends it', async (t) => {
  const folder = tree({ 'intel-rapl:0': { name: 'package-0', energy: 1 } });
  try {
    const denied = readerOf(folder);
    chmodSync(join(folder, 'intel-rapl:0', 'energy_uj'), 0);
    const read = denied.read;
    // Root reads what it likes.
    denied.read = (paths) =>
      paths.some((path) => path.endsWith('energy_uj'))
        ? Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }))
        : read(paths);
    t.match(await raplSource(denied, () => 0), {
      name: 'rapl',
      reason: /only root/,
      mend: /^sudo chmod a\+r \/sys\/class\/powercap\/intel-rapl:\*\/energy_uj$/,
    });
    t.match(await raplSource(readerOf(`${folder}/none`), () => 0), {
      reason: /no energy counter/,
      mend: null,
    });
    rmSync(join(folder, 'intel-rapl:0'), { recursive: true });
    t.match(await raplSource(readerOf(folder), () => 0), { reason: /no energy counter/ });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

t.test('cards count by themselves, or their power is added up', async (t) => {
  let now = 0;
  const samples: unknown[] = [];
  const reader = {
    sample: () => Promise.resolve(samples.shift() as never),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const none = [null, null], names = ['A', 'A'];
  samples.push({ energy: [1000, 5000], power: none, names });
  const counted = await nvmlSource(reader, () => now);
  if (!('info' in counted)) return t.fail(counted.reason);
  t.match(counted.info, { name: 'nvml', detail: 'energy counter of A', error: 0.05 });
  samples.push({ energy: [3500, 100], power: none, names });
  t.match(await counted.read(), { joules: 2.6 }, 'the second driver was loaded again');
  samples.push({ energy: [4500, null], power: none, names });
  t.match(await counted.read(), { joules: 3.6 }, 'the second one sleeps');
  samples.push({ energy: [5500, 400], power: none, names });
  t.match(await counted.read(), { joules: 4.9 }, 'and is awake again');
  samples.push({ energy: none, power: none, names });
  await t.rejects(counted.read(), { code: 'ENERGY_UNREADABLE' });
  samples.push({ energy: [1], power: [null], names: ['A'] });
  await t.rejects(counted.read(), { code: 'ENERGY_UNREADABLE' });

  const old = (milliwatts: number) => ({ energy: [null], power: [milliwatts], names: ['Old'] });
  samples.push(old(100_000));
  const sampled = await nvmlSource(reader, () => now);
  if (!('info' in sampled)) return t.fail(sampled.reason);
  t.match(sampled.info, { detail: 'sampled power of Old', error: 0.1 });
  let joules = 0;
  for (const milliwatts of [100_000, 200_000, 200_000]) {
    samples.push(old(milliwatts));
    now += 1000;
    joules = (await sampled.read()).joules;
  }
  t.equal(joules, 350);

  const one = { power: [null], names: ['A'] };
  for (
    const wrong of [null, {}, { energy: [-1], ...one }, { energy: [1] }, { energy: [], ...one }]
  ) {
    samples.push(wrong);
    t.match(await nvmlSource(reader, () => 0), { name: 'nvml', reason: /no sample/ });
  }
  samples.push({ energy: [null], ...one });
  t.match(await nvmlSource(reader, () => 0), { reason: /no NVIDIA card/ });
});

t.test('what is used is divided by time, and by tokens where steps are common', (t) => {
  const shares = new Attribution();
  shares.take({ at: 0, joules: 0 });
  const a = shares.begin('m', 0);
  shares.token(a, 1000);
  shares.take({ at: 1000, joules: 10 });
  t.same(shares.of(a), { prompt: 10, output: 0 }, 'alone');
  const b = shares.begin('m', 1000);
  for (let i = 0; i < 30; i++) shares.token(a, 1000 + i);
  shares.take({ at: 2000, joules: 30 });
  t.same(shares.of(a), { prompt: 10, output: 10 }, 'half of the time is the other prompt');
  t.same(shares.of(b), { prompt: 10, output: 0 });
  shares.token(b, 2000);
  for (let i = 0; i < 30; i++) shares.token(a, 2000);
  for (let i = 0; i < 10; i++) shares.token(b, 2000);
  shares.end(a, 3000);
  shares.end(b, 3000);
  shares.take({ at: 3000, joules: 70 });
  t.same(shares.of(a, true), { prompt: 10, output: 40 }, 'three tokens of four');
  t.same(shares.of(b, true), { prompt: 10, output: 10 });
  shares.take({ at: 9000, joules: 100 });
  t.equal(shares.idle, 30, 'nobody worked');
  t.notOk(shares.busy);
  t.end();
});

t.test('what began before the first reading used as much as what came after it', (t) => {
  const shares = new Attribution();
  const a = shares.begin('m', 1000);
  shares.token(a, 1500);
  shares.take({ at: 2000, joules: 900 });
  shares.end(a, 3000);
  shares.take({ at: 4000, joules: 940 });
  t.same(shares.of(a), { prompt: 10, output: 30 }, '20 W since 1000');
  t.end();
});

t.test('no joule is lost, and none is made', (t) => {
  const act = fc.record({
    do: fc.constantFrom('begin', 'token', 'token', 'token', 'end', 'take'),
    job: fc.integer({ min: 0, max: 3 }),
    ms: fc.integer({ min: 0, max: 400 }),
    joules: fc.integer({ min: 0, max: 50 }),
  });
  fc.assert(fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
    const shares = new Attribution();
    const jobs: (number | null)[] = [null, null, null, null], all: number[] = [];
    let at = 0, joules = 0;
    shares.take({ at, joules });
    for (const one of [...acts, { do: 'take', job: 0, ms: 1, joules: 1 }]) {
      at += one.ms;
      const job = jobs[one.job] ?? null;
      if (one.do === 'begin' && job === null) {
        all.push(jobs[one.job] = shares.begin(`${one.job % 2}`, at));
      }
      if (one.do === 'token' && job !== null) shares.token(job, at);
      if (one.do === 'end' && job !== null) {
        shares.end(job, at);
        jobs[one.job] = null;
      }
      if (one.do === 'take' && one.ms > 0) shares.take({ at, joules: joules += one.joules });
    }
    const given = all.map((job) => shares.of(job)).reduce((sum, s) => sum + s.prompt + s.output, 0);
    return Math.abs(given + shares.idle - joules) < 1e-6 &&
      all.every((job) => shares.of(job).prompt >= 0 && shares.of(job).output >= 0);
  }));
  t.end();
});

/** A clock that is set by hand, and a machine of so many watts. */
function bench(watts: number, fails = false) {
  let now = 0;
  const timers: { at: number; run: () => void }[] = [];
  const clock = {
    tick: () => now,
    after(ms: number, run: () => void) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0);
    },
  };
  const source: EnergySource = {
    info: { name: 'rapl', detail: '', error: 0.05, stepMs: 10 },
    read: () =>
      fails
        ? Promise.reject(new Error('gone'))
        : Promise.resolve({ at: now, joules: watts * now / 1000 }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const pass = async (ms: number) => {
    const until = now + ms;
    while (true) {
      const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      now = next?.at ?? until;
      if (next === undefined) break;
      timers.splice(timers.indexOf(next), 1);
      next.run();
      for (let i = 0; i < 8; i++) await Promise.resolve();
    }
    for (let i = 0; i < 8; i++) await Promise.resolve();
  };
  return { meter: new EnergyMeter(Promise.resolve(source), clock), pass, timers };
}

t.test('a job is told its energy by phase, with the error of what is short', async (t) => {
  const { meter, pass, timers } = bench(20);
  await pass(5000);
  const job = meter.begin('m');
  await pass(0);
  await pass(500);
  for (let i = 0; i < 11; i++) {
    job.token();
    await pass(50);
  }
  const energy = await job.end(30);
  t.match(energy, { source: 'rapl', promptTokens: 30, outputTokens: 10, ms: 1050 });
  t.ok(Math.abs(energy!.prompt - 10) < 1e-9, `${energy!.prompt}`);
  t.ok(Math.abs(energy!.output - 11) < 1e-9, `${energy!.output}`);
  t.ok(Math.abs(energy!.error - (0.05 + 10 / 1050)) < 1e-9);
  job.token();
  await pass(10_000);
  t.equal(timers.length, 0, 'nobody is waited for');
});

t.test('two jobs at once share, and one that is short is as uncertain as can be', async (t) => {
  const { meter, pass } = bench(40);
  const a = meter.begin('m'), b = meter.begin('m');
  await pass(0);
  await pass(1000);
  const [x, y] = [await a.end(10), await b.end(10)];
  t.ok(Math.abs(x!.prompt - 20) < 1e-9 && Math.abs(y!.prompt - 20) < 1e-9);
  const c = meter.begin('m');
  const z = await c.end(1);
  t.equal(z!.error, 1);
});

t.test('a source that fails costs nobody an answer', async (t) => {
  const { meter, pass } = bench(40, true);
  const job = meter.begin('m');
  await pass(100);
  t.equal(await job.end(10), null);
});

t.test('without a counter the class says how much it takes', async (t) => {
  const of = (cpu: string, gpu: string | null = null) => classPower({ cpu, gpu, threads: 4 });
  t.match(of('Intel(R) Xeon(R) Processor'), { class: 'server processor', watts: 14, error: 0.5 });
  t.match(of('AMD Ryzen 9 7900X 12-Core Processor'), { class: 'desktop processor', watts: 24 });
  t.match(of('Intel(R) Core(TM) i7-1165G7 @ 2.80GHz'), { class: 'laptop processor' });
  t.match(of('AMD Ryzen 7 5800H with Radeon Graphics'), { class: 'laptop processor' });
  t.match(of('something'), { class: 'unknown processor', error: 1 });
  t.match(of('x', 'NVIDIA GeForce RTX 4090'), { class: 'RTX 4090', watts: 377.5, error: 0.5 });
  t.match(of('x', 'Apple M1 Pro'), { class: 'Apple', watts: 30 });
  t.match(of('x', 'NVIDIA A100-SXM4-80GB'), { class: 'A100' });
  t.match(of('x', 'NVIDIA RTX A1000'), { class: 'unknown card', error: 1 });
  t.match(of('x', 'S3 ViRGE'), { error: 1 });
  let now = 0;
  let threads = 1;
  const source = estimateSource({ cpu: 'Xeon', gpu: null, threads: () => threads }, () => now);
  t.match(source.info.detail, 'of 1 thread: 3.5 W');
  threads = 2;
  const before = await source.read();
  now = 2000;
  t.equal((await source.read()).joules - before.joules, 14);
  t.match(source.info, {
    name: 'estimate',
    detail: 'server processor of 2 threads: 7 W while it works',
  });
});
