import {
  catchProbability,
  cubeFor,
  drawRows,
  multiplyHere,
  PRIME,
  Product,
  RAW_LIMITS,
  type RawBackend,
  type RawChallenge,
  type Shape,
  verifyOpening,
} from '../fingerprint/raw/mod.ts';
import { rowHash } from '../fingerprint/raw/merkle.ts';
import type { Probe, ProbeInfo } from '../fingerprint/probe/mod.ts';
import {
  burn,
  cv,
  named,
  nonce,
  printTable,
  rawRun,
  repeat,
  startProbe,
} from './fingerprint_lib.ts';
import { type Figure, median, spread } from './lib.ts';

export interface RawBench {
  /** Runs a condition, a multiple of nine. */
  runs: number;
  /** Trials of each way to cheat. */
  cheats: number;
}

export const RAW_BENCH: RawBench = { runs: 63, cheats: 500 };
/** Runs whose median is taken. */
const GROUP = 9;
/** Some 0.1 s of two cores. */
const CPU_SHAPE = cubeFor(2 ** 27);
/** A GPU's product is made larger until it takes that long, ms. */
const GPU_MS = 150;

/** Raw products: how well they repeat, whether cheating shows. */
export async function fingerprintRaw(options: RawBench = RAW_BENCH): Promise<Figure[]> {
  await using probe = await startProbe();
  const info = await probe.info(new AbortController().signal);
  const figures = [...await repeatability(options, 'cpu', CPU_SHAPE)];
  figures.push(...await gpuFigures(probe, info, options));
  figures.push(...cheating(options.cheats));
  return figures;
}

async function gpuFigures(probe: Probe, info: ProbeInfo, options: RawBench): Promise<Figure[]> {
  if (info.backend === 'gpu') {
    const shape = await gpuShape(probe);
    return [
      named(`raw: GPU`, `${info.adapter}`),
      ...await repeatability(options, 'gpu', shape),
    ];
  }
  const found = info.adapter === null ? 'WebGPU finds no adapter' : `${info.adapter}: software`;
  return [named('raw: GPU', `none here (${found}): its rows are left out`)];
}

async function gpuShape(probe: Probe): Promise<Shape> {
  let work = 2 ** 30, shape = cubeFor(work);
  while ((await rawRun(probe, shape, 'gpu')).ms < GPU_MS && 4 * work <= RAW_LIMITS.gpu.work) {
    shape = cubeFor(work *= 4);
  }
  return shape;
}

/** Behind a machine's other work it would be starved, and is not run by a node: then beside it. */
async function repeatability(
  { runs }: RawBench,
  backend: RawBackend,
  shape: Shape,
): Promise<Figure[]> {
  const cores = navigator.hardwareConcurrency, figures: Figure[] = [];
  const rows = [['condition', 'rate, Mop/s', 'CV of one run', `CV of medians of ${GROUP}`]];
  const conditions = [
    ['idle, lowest priority', 0, false],
    ['one core busy, lowest priority', 1, false],
    ['one core busy, normal priority', 1, true],
    ['all cores busy, normal priority', cores, true],
  ] as const;
  for (const [condition, burners, normalPriority] of conditions) {
    await using probe = await startProbe({ normalPriority });
    using _ = burn(burners);
    await rawRun(probe, shape, backend);
    const rates = (await repeat(runs, () => rawRun(probe, shape, backend))).map((run) => run.rate);
    const medians: number[] = [];
    for (let i = 0; i + GROUP <= rates.length; i += GROUP) {
      medians.push(median(rates.slice(i, i + GROUP)));
    }
    rows.push([condition, spread(rates, 0), cv(rates), cv(medians)]);
    figures.push(named(
      `raw: ${backend} rate repeats, ${condition}`,
      `${spread(rates, 0)} Mop/s, CV ${cv(rates)}, of medians of ${GROUP}: ${cv(medians)}`,
    ));
  }
  printTable(`Raw product ${shape.rows}^3 on the ${backend}, ${runs} runs`, rows);
  return figures;
}

/** Rows of the cheat's own, properly committed to, against the real check. */
function cheating(trials: number): Figure[] {
  const shape = { rows: 256, inner: 64, cols: 64 };
  const challenge: RawChallenge = { type: 'raw', nonce: nonce(), shape, backend: 'cpu' };
  const honest = multiplyHere(challenge).open(Array.from({ length: shape.rows }, (_, i) => i)).rows;
  const rows = [['wrong rows', 'opened', 'caught', 'theory', 'z']];
  let worst = 0;
  for (
    const [wrong, opened] of [[3, 16], [13, 8], [13, 16], [26, 16], [64, 4], [26, 32]] as const
  ) {
    let caught = 0;
    for (let trial = 0; trial < trials; trial++) {
      if (isCaught(challenge, honest.map(({ cells }) => cells), wrong, opened)) caught++;
    }
    const p = catchProbability({ rows: shape.rows, wrong, opened });
    const z = (caught / trials - p) / Math.sqrt(p * (1 - p) / trials);
    worst = Math.max(worst, Math.abs(z));
    const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
    rows.push([
      `${percent(wrong / shape.rows)}`,
      String(opened),
      percent(caught / trials),
      percent(p),
      z.toFixed(1),
    ]);
  }
  printTable(`Cheated rows of ${shape.rows}, ${trials} trials each`, rows);
  return [{
    name: 'raw: cheating is caught at the rate of the theory',
    measured: `largest deviation ${worst.toFixed(1)} sigma of ${rows.length - 1} rates`,
    goal: '< 3.5 sigma',
    met: worst < 3.5,
  }];
}

function isCaught(
  challenge: RawChallenge,
  honest: readonly Uint16Array[],
  wrong: number,
  opened: number,
): boolean {
  const { rows, cols } = challenge.shape;
  const cells = new Uint16Array(rows * cols);
  honest.forEach((row, i) => cells.set(row, i * cols));
  for (const row of drawRows(nonce(), nonce(), rows, wrong)) {
    const at = row * cols + row % cols;
    cells[at] = (cells[at]! + 1 + row) % PRIME;
  }
  const leaves = honest.map((_, i) =>
    rowHash(challenge.nonce, i, cells.subarray(i * cols, (i + 1) * cols))
  );
  const product = new Product(challenge, cells, leaves);
  const positions = drawRows(nonce(), product.root, rows, opened);
  try {
    verifyOpening(challenge, product, positions, product.open(positions), nonce());
    return false;
  } catch {
    return true;
  }
}
