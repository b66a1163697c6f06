/**
 * What dishonesty pays: histories of many nodes through the very folds, router and drawing that nodes
 * run, each strategy against honesty with the same nodes and seeds. Prints the table of
 * docs/economics.md.
 */
import { keep, nameOf, readKept } from './economy/kept.ts';
import { inLanes } from './economy/lanes.ts';
import { interval } from './economy/report.ts';
import type { Cell } from './economy/run.ts';
import { STRATEGIES } from './economy/strategies.ts';
import { honestOf, lineOf, rowsOf, TABLE_HEAD } from './economy/table.ts';
import type { Figure } from './lib.ts';

export interface EconomyBench {
  nodes: number;
  jobs: number;
  epochs: number;
  seeds: number;
  /** Chances of an audit that everybody has earned. */
  rates: readonly number[];
  /** File that histories are kept in, so that the benchmark goes on where it was ended; null: none. */
  kept: string | null;
}

export const ECONOMY_BENCH: EconomyBench = {
  nodes: 1000,
  jobs: 100_000,
  epochs: 80,
  seeds: 20,
  rates: [0.01, 0.1, 1],
  kept: null,
};

/** Runs the cells that are not kept yet, a seed of all before the next. */
export async function economy(
  { seeds: count, rates, kept: path, ...size }: EconomyBench,
): Promise<Figure[]> {
  const kept = path === null ? new Map() : await readKept(path);
  const seeds = Array.from({ length: count }, (_, i) => i + 1);
  const cells = seeds.flatMap((seed) =>
    rates.flatMap((rate) =>
      [null, ...STRATEGIES].map((strategy): Cell => ({ ...size, rate, strategy, seed }))
    )
  );
  await inLanes(cells.filter((cell) => !kept.has(nameOf(cell))), async (cell, outcome) => {
    kept.set(nameOf(cell), outcome);
    if (path !== null) await keep(path, cell, outcome);
    console.error(`  ${nameOf(cell)}`);
  });
  const rows = rates.flatMap((rate) => rowsOf(kept, size, rate));
  console.log(`\n${[...TABLE_HEAD, ...rows.map(lineOf)].join('\n')}`);
  const honest = rates.flatMap((rate) => honestOf(kept, size, rate));
  const mature = honestOf(kept, size, Math.min(...rates));
  const paying = rows.filter(({ gain }) => gain.mean + gain.half >= 0)
    .map(({ strategy, rate }) => `${strategy.name} at ${100 * rate} %`);
  const loss = Math.max(...honest.map(({ honestLoss }) => honestLoss));
  const wrong = honest.reduce((sum, { falseSlashes }) => sum + falseSlashes, 0);
  const late = interval(mature.map(({ auditShareLate }) => auditShareLate)).mean;
  const bytes = interval(mature.map(({ bytesPerJob }) => bytesPerJob)).mean;
  const scale = `${size.nodes} nodes, ${size.jobs} jobs, ${count} seeds a cell`;
  return [
    {
      name: `economy: strategies that lose money (${scale})`,
      measured: `${rows.length - paying.length} of ${rows.length} cells` +
        (paying.length > 0 ? `; not ${paying.join(', ')}` : ''),
      goal: 'every one',
      met: paying.length === 0,
    },
    {
      name: 'economy: honest loss; honest nodes slashed',
      measured: `${(100 * loss).toFixed(3)} %; ${wrong}`,
      goal: '< 0.1 %; 0',
      met: loss < 0.001 && wrong === 0,
    },
    {
      name: `economy: audits, of all work, at ${100 * Math.min(...rates)} %`,
      measured: `${(100 * late).toFixed(2)} %`,
      goal: '< 2 %',
      met: late < 0.02,
    },
    {
      name: 'economy: bytes of log entries a job, mature (gossip adds its frames and copies)',
      measured: `${bytes.toFixed(0)}`,
      goal: 'stated',
      met: true,
    },
  ];
}
