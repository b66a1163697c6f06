/** How repeatable figures are, how often an honest claim is contradicted, and a false one not. */
import { median } from '../feeds/base/mod.ts';
import { combine, type MachineClass, type Measured } from '../feeds/fingerprints/mod.ts';
import { checkClaim, classChange, gradeOf } from '../fingerprint/class/mod.ts';
import { variation } from '../fingerprint/stats/mod.ts';
import { busyCore, type Probed, ProbedMachine, throttled } from './fingerprint_machine.ts';
import type { Figure } from './lib.ts';
import type { BenchModel } from './model.ts';

/** The rule's usual value, in 10,000. */
const TOLERANCE = 2_500;
/** A condition ends after this, with fewer probes than wished, milliseconds. */
const BUDGET_MS = { honest: 240_000, loaded: 40_000, throttled: 60_000, repeats: 30_000 };
/** Challengers that are combined. */
const CHALLENGERS = 3;

export interface WorkBench {
  /** Honest probes, and as many of a false claim. */
  trials: number;
  /** Probes at half speed, and beside a busy core. */
  throttled: number;
  loaded: number;
  /** Probes of the larger model under each condition. */
  repeats: number;
}

export const WORK_BENCH: WorkBench = { trials: 320, throttled: 60, loaded: 40, repeats: 5 };

export async function fingerprintWork(
  model: BenchModel,
  embedded: BenchModel,
  bench: WorkBench,
): Promise<Figure[]> {
  const figures = await trials(embedded, bench);
  if (model.external) figures.push(...await repeats(model, bench.repeats));
  return figures;
}

async function probes(
  machine: ProbedMachine,
  count: number,
  budgetMs: number,
): Promise<Probed[]> {
  const probed: Probed[] = [], until = performance.now() + budgetMs;
  for (let i = 0; i < count && (i === 0 || performance.now() < until); i++) {
    const one = await machine.probe(true);
    if (one.measured.runs > 0) probed.push(one);
  }
  return probed;
}

async function trials(model: BenchModel, bench: WorkBench): Promise<Figure[]> {
  await using machine = await ProbedMachine.open(model);
  await machine.warm(true);
  // What a node claims is what it measured of itself.
  const own = combine(
    (await probes(machine, 5, BUDGET_MS.repeats)).map(({ measured }) => measured),
  )!;
  const honest = await probes(machine, bench.trials, BUDGET_MS.honest);
  const loaded = await beside(busyCore(), () => probes(machine, bench.loaded, BUDGET_MS.loaded));
  const half = await beside(
    throttled(machine.pid),
    () => probes(machine, bench.throttled, BUDGET_MS.throttled),
  );
  return [
    ...repeatability(`${model.name}, idle`, honest),
    ...repeatability(`${model.name}, one core busy`, loaded),
    ...claims(own, honest, loaded),
    ...changes(honest, half),
  ];
}

async function beside<T>(what: Disposable, run: () => Promise<T>): Promise<T> {
  using _ = what;
  return await run();
}

function repeatability(name: string, probed: readonly Probed[]): Figure[] {
  const of = (pick: (one: Measured) => number) => probed.map(({ measured }) => pick(measured));
  const rates = {
    reading: of(({ prefill }) => prefill.median),
    writing: of(({ decode }) => decode.median),
  };
  const shown = Object.entries(rates).map(([what, values]) => {
    return `${what} ${(median(values) / 1000).toFixed(0)} tokens/s ± ${percent(variation(values))}`;
  });
  return [{
    name: `fingerprint: variation between probes, ${name}`,
    measured: `${shown.join(', ')} (${probed.length} probes of ${seconds(probed)})`,
    goal: 'stated',
    met: true,
  }];
}

function claims(
  own: MachineClass,
  honest: readonly Probed[],
  loaded: readonly Probed[],
): Figure[] {
  const truth = {
    prefill: own.prefillRate,
    decode: own.decodeRate,
    streams: 1,
    streamRate: own.decodeRate,
    context: 0,
  };
  const twice = { ...truth, decode: 2 * truth.decode };
  const one = honest.map(({ measured }) => combine([measured]));
  const three = grouped(honest).map((group) => combine(group)!);
  const count = (claim: typeof truth, classes: readonly MachineClass[]) =>
    classes.filter((machine) =>
      checkClaim(claim, machine, TOLERANCE).some(({ stands }) => stands === 'contradicted')
    ).length;
  const busy = loaded.map(({ measured }) => combine([measured]));
  const falsely = count(truth, one), caught = count(twice, one);
  return [
    {
      name: 'fingerprint: honest claims contradicted, by one challenger / by three',
      measured:
        `${falsely} of ${one.length} (below ${percent(bound(falsely, one.length))} with 95 %) / ` +
        `${count(truth, three)} of ${three.length}; with one core busy, by one: ` +
        `${count(truth, busy)} of ${busy.length}`,
      goal: '0 of >= 300',
      met: falsely === 0 && one.length >= 300,
    },
    {
      name:
        'fingerprint: claims of twice the decode rate contradicted, by one challenger / by three',
      measured: `${caught} of ${one.length} / ${count(twice, three)} of ${three.length}`,
      goal: '>= 99 %',
      met: caught >= 0.99 * one.length,
    },
  ];
}

function changes(honest: readonly Probed[], half: readonly Probed[]): Figure[] {
  const before = combine(honest.slice(0, CHALLENGERS).map(({ measured }) => measured))!;
  const changed = half.filter(({ measured }) =>
    classChange(before, combine([measured]), TOLERANCE) !== null
  );
  const falsely = honest.slice(CHALLENGERS).filter(({ measured }) =>
    classChange(before, combine([measured]), TOLERANCE) !== null
  );
  const after = half[0] === undefined ? '' : ` -> ${gradeOf(combine([half[0].measured]))}`;
  return [{
    name: 'fingerprint: engine at half speed is put in another class / at its own speed it is not',
    measured: `${changed.length} of ${half.length} in ${seconds(half)} each, ` +
      `${gradeOf(before)}${after} / ${falsely.length} of ${honest.length - CHALLENGERS} changed`,
    goal: '>= 95 % within 60 s',
    met: changed.length >= 0.95 * half.length && median(half.map(({ seconds }) => seconds)) < 60,
  }];
}

/** A larger model: fewer probes, each of which is a real one of some seconds. */
async function repeats(model: BenchModel, count: number): Promise<Figure[]> {
  await using machine = await ProbedMachine.open(model);
  await machine.warm(false);
  const some = () => probes(machine, count, BUDGET_MS.repeats);
  const idle = await some();
  const loaded = await beside(busyCore(), some);
  const half = await beside(throttled(machine.pid), some);
  const full = await machine.probe(false);
  const { streams, context } = full.measured;
  const curve = streams.map(({ streams, median }) => `${streams}: ${(median / 1000).toFixed(0)}`);
  return [
    ...repeatability(`${model.name}, idle`, idle),
    ...repeatability(`${model.name}, one core busy`, loaded),
    ...repeatability(`${model.name}, at half speed`, half),
    {
      name: `fingerprint: one whole work probe, ${model.name}`,
      measured: `${full.seconds.toFixed(1)} s; tokens/s by jobs at once ${curve.join(', ')}; ` +
        `${context} tokens of context filled`,
      goal: '< 60 s',
      met: full.seconds < 60,
    },
    ...changes(idle, half).map((figure) => ({ ...figure, name: `${figure.name}, ${model.name}` })),
  ];
}

function grouped(probed: readonly Probed[]): Measured[][] {
  const groups: Measured[][] = [];
  for (let i = 0; i + CHALLENGERS <= probed.length; i += CHALLENGERS) {
    groups.push(probed.slice(i, i + CHALLENGERS).map(({ measured }) => measured))!;
  }
  return groups;
}

/** Upper end of the exact one-sided 95 % interval of a rate, for few events: Clopper and Pearson. */
function bound(events: number, trials: number): number {
  let low = 0, high = 1;
  for (let i = 0; i < 60; i++) {
    const rate = (low + high) / 2;
    let term = (1 - rate) ** trials, sum = term;
    for (let k = 1; k <= events; k++) {
      term *= (trials - k + 1) / k * rate / (1 - rate);
      sum += term;
    }
    if (sum > 0.05) low = rate;
    else high = rate;
  }
  return high;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function seconds(probed: readonly Probed[]): string {
  return `${median(probed.map(({ seconds }) => seconds)).toFixed(1)} s`;
}
