/** How repeatable figures of a work probe are, idle, beside other work, and at half speed. */
import { median } from '../feeds/base/mod.ts';
import { changedFigures, combine, type SpeedClass } from '../feeds/fingerprints/mod.ts';
import { variation } from '../fingerprint/stats/mod.ts';
import { progress } from './fingerprint_lib.ts';
import {
  busyCore,
  CHALLENGERS,
  type Probed,
  ProbedMachine,
  throttled,
  TOLERANCE,
} from './fingerprint_machine.ts';
import type { Figure } from './lib.ts';
import type { BenchModel } from './model.ts';

/** A condition ends after this, with fewer probes than wished, milliseconds. */
const BUDGET_MS = {
  idle: 40_000,
  loaded: 30_000,
  throttled: 250_000,
  repeats: 20_000,
  whole: 20_000,
};
/** Whole probes: those that try several jobs at once, and fill the context. */
const WHOLE = 5;

export interface WorkBench {
  /** Probes alone, at half speed, and beside a busy core. */
  idle: number;
  throttled: number;
  loaded: number;
  /** Probes of the larger model under each condition. */
  repeats: number;
}

export const WORK_BENCH: WorkBench = { idle: 40, throttled: 60, loaded: 40, repeats: 5 };

export async function fingerprintWork(
  model: BenchModel,
  embedded: BenchModel,
  bench: WorkBench,
): Promise<Figure[]> {
  const figures = await conditions(embedded, bench);
  if (model.external) figures.push(...await repeats(model, bench.repeats));
  return figures;
}

async function probes(
  machine: ProbedMachine,
  count: number,
  budgetMs: number,
  quick = true,
): Promise<Probed[]> {
  const probed: Probed[] = [], until = performance.now() + budgetMs;
  const told = progress('work probes', count);
  for (let i = 0; i < count && (i === 0 || performance.now() < until); i++) {
    const one = await machine.probe(quick);
    if (one.measured.runs > 0) probed.push(one);
    told(i + 1);
  }
  return probed;
}

async function conditions(model: BenchModel, bench: WorkBench): Promise<Figure[]> {
  await using machine = await ProbedMachine.open(model);
  await machine.warm(true);
  const idle = await probes(machine, bench.idle, BUDGET_MS.idle);
  const loaded = await beside(busyCore(), () => probes(machine, bench.loaded, BUDGET_MS.loaded));
  const half = await beside(
    throttled(machine.pid),
    () => probes(machine, bench.throttled, BUDGET_MS.throttled),
  );
  await machine.warm(false);
  const whole = await probes(machine, WHOLE, BUDGET_MS.whole, false);
  return [
    ...repeatability(`${model.name}, idle`, idle),
    ...repeatability(`${model.name}, idle, whole probes`, whole),
    ...repeatability(`${model.name}, one core busy`, loaded),
    ...changes(idle, half),
  ];
}

async function beside<T>(what: Disposable, run: () => Promise<T>): Promise<T> {
  using _ = what;
  return await run();
}

function repeatability(name: string, probed: readonly Probed[]): Figure[] {
  if (probed.length === 0) return [];
  const of = (figure: 'prefill' | 'decode') =>
    probed.map(({ measured }) => measured[figure].median / 1000);
  const totals = probed.flatMap(({ measured: { streams } }) =>
    streams.length < 2 ? [] : [Math.max(...streams.map(({ median }) => median)) / 1000]
  );
  const rates: [string, string, number[]][] = [
    ['reading', 'tokens/s', of('prefill')],
    ['writing', 'tokens/s', of('decode')],
    ['most at once', 'tokens/s', totals],
  ];
  // Only whole probes fill more of the context than the longer prompts do.
  if (totals.length > 0) {
    rates.push(['context', 'tokens', probed.map(({ measured }) => measured.context)]);
  }
  const shown = rates.filter(([, , values]) => values.length > 0).map(([what, unit, values]) =>
    `${what} ${median(values).toFixed(0)} ${unit} ± ${(100 * variation(values)).toFixed(1)} %`
  );
  return [{
    name: `fingerprint: variation between probes, ${name}`,
    measured: `${shown.join(', ')} (${probed.length} probes of ${seconds(probed)})`,
    goal: 'stated',
    met: true,
  }];
}

function changes(idle: readonly Probed[], half: readonly Probed[]): Figure[] {
  const before = combine(idle.slice(0, CHALLENGERS).map(({ measured }) => measured))!;
  const isOther = ({ measured }: Probed) =>
    changedFigures(before, combine([measured]), TOLERANCE).length > 0;
  const changed = half.filter(isOther), own = idle.slice(CHALLENGERS);
  const after = half[0] === undefined ? '' : ` -> ${rateOf(combine([half[0].measured]))}`;
  return [{
    name: 'fingerprint: engine at half speed is put in another class / at its own speed it is not',
    measured: `${changed.length} of ${half.length} in ${seconds(half)} each, ` +
      `${rateOf(before)}${after} tokens/s / ${own.filter(isOther).length} of ${own.length} changed`,
    goal: '>= 95 % within 60 s',
    met: changed.length >= 0.95 * half.length && median(half.map(({ seconds }) => seconds)) < 60,
  }];
}

function rateOf({ decodeRate }: SpeedClass): string {
  return (decodeRate / 1000).toFixed(0);
}

/** A larger model: fewer probes, each of which is a real one of some seconds. */
async function repeats(model: BenchModel, count: number): Promise<Figure[]> {
  await using machine = await ProbedMachine.open(model);
  await machine.warm(false);
  const some = () => probes(machine, count, BUDGET_MS.repeats);
  const idle = await some();
  const loaded = await beside(busyCore(), some);
  const half = await beside(throttled(machine.pid), some);
  const whole = await probes(machine, count, BUDGET_MS.whole, false);
  const full = whole[0] ?? await machine.probe(false);
  const { streams, context } = full.measured;
  const curve = streams.map(({ streams, median }) => `${streams}: ${(median / 1000).toFixed(0)}`);
  return [
    ...repeatability(`${model.name}, idle`, idle),
    ...repeatability(`${model.name}, one core busy`, loaded),
    ...repeatability(`${model.name}, at half speed`, half),
    ...repeatability(`${model.name}, idle, whole probes`, whole),
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

function seconds(probed: readonly Probed[]): string {
  return `${median(probed.map(({ seconds }) => seconds)).toFixed(1)} s`;
}
