/**
 * What dishonesty pays: histories of many nodes through the very folds, router and drawing that nodes
 * run, each strategy against honesty with the same nodes and seeds. Prints the table of
 * docs/economics.md.
 */
import { keeping } from './economy/kept.ts';
import { advantage, interval, percent } from './economy/report.ts';
import type { Outcome } from './economy/run.ts';
import { operatorsOf, STRATEGIES, type Strategy } from './economy/strategies.ts';
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
  epochs: 40,
  seeds: 20,
  rates: [0.01, 0.1, 1],
  kept: null,
};

/** Runs the cells one after the other. */
export async function economy(
  { seeds: count, rates, kept, ...size }: EconomyBench,
): Promise<Figure[]> {
  const run = await keeping(kept);
  const seeds = Array.from({ length: count }, (_, i) => i + 1);
  const honest: Outcome[] = [], mature: Outcome[] = [], worst: { name: string; top: number }[] = [];
  console.log('\n| strategy | audited | advantage over honesty | slashed, of its nodes |');
  console.log('| --- | --- | --- | --- |');
  for (const rate of rates) {
    const all = async (strategy: Strategy | null): Promise<Outcome[]> => {
      const outcomes = [];
      for (const seed of seeds) outcomes.push(await run({ ...size, rate, strategy, seed }));
      return outcomes;
    };
    console.error(`  honest at ${100 * rate} %`);
    const base = await all(null);
    honest.push(...base);
    if (rate === Math.min(...rates)) mature.push(...base);
    for (const strategy of STRATEGIES) {
      console.error(`  ${strategy.name} at ${100 * rate} %`);
      const { share } = strategy;
      const cheated = await all(strategy);
      const gain = advantage(cheated, base, share);
      worst.push({ name: `${strategy.name} at ${100 * rate} %`, top: gain.mean + gain.half });
      const slashed = interval(cheated.map(({ slashes }) => slashes)).mean;
      const operators = operatorsOf(size.nodes, share);
      console.log(
        `| ${strategy.what} | ${100 * rate} % | ${percent(gain)} | ` +
          `${slashed.toFixed(1)} of ${operators} |`,
      );
    }
  }
  const paying = worst.filter(({ top }) => top >= 0).map(({ name }) => name);
  const loss = Math.max(...honest.map(({ honestLoss }) => honestLoss));
  const wrong = honest.reduce((sum, { falseSlashes }) => sum + falseSlashes, 0);
  const late = interval(mature.map(({ auditShareLate }) => auditShareLate)).mean;
  const bytes = interval(mature.map(({ bytesPerJob }) => bytesPerJob)).mean;
  const scale = `${size.nodes} nodes, ${size.jobs} jobs, ${count} seeds a cell`;
  return [
    {
      name: `economy: strategies that lose money (${scale})`,
      measured: `${worst.length - paying.length} of ${worst.length} cells` +
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
