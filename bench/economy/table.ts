import { type Kept, nameOf } from './kept.ts';
import { advantage, interval, percent } from './report.ts';
import type { Outcome } from './run.ts';
import { operatorsOf, STRATEGIES, type Strategy } from './strategies.ts';
import type { Size } from './terms.ts';

/** A strategy at a rate of audits, against honesty with the same seeds. */
export interface Row {
  strategy: Strategy;
  rate: number;
  /** Histories of it that have an honest one beside them. */
  seeds: number;
  gain: { mean: number; half: number };
  /** Slashes, on the average, and how many nodes its operator began with. */
  slashes: number;
  operators: number;
}

/** Honest histories of one size and rate. */
export function honestOf(kept: Kept, size: Omit<Size, 'rate'>, rate: number): Outcome[] {
  return seedsOf(kept, size, rate, null).map(([, outcome]) => outcome);
}

/** Rows of all strategies at one rate, as far as there are two seeds of them. */
export function rowsOf(kept: Kept, size: Omit<Size, 'rate'>, rate: number): Row[] {
  const honest = new Map(seedsOf(kept, size, rate, null));
  return STRATEGIES.flatMap((strategy) => {
    const cheated = seedsOf(kept, size, rate, strategy).filter(([seed]) => honest.has(seed));
    if (cheated.length < 2) return [];
    const outcomes = cheated.map(([, outcome]) => outcome);
    const base = cheated.map(([seed]) => honest.get(seed)!);
    return {
      strategy,
      rate,
      seeds: cheated.length,
      gain: advantage(outcomes, base, strategy.share),
      slashes: interval(outcomes.map(({ slashes }) => slashes)).mean,
      operators: operatorsOf(size.nodes, strategy.share),
    };
  });
}

export const TABLE_HEAD = [
  '| strategy | audited | advantage over honesty | slashed, of its nodes | seeds |',
  '| --- | --- | --- | --- | --- |',
];

/** A line of the table of docs/economics.md. */
export function lineOf({ strategy, rate, gain, slashes, operators, seeds }: Row): string {
  return `| ${strategy.what} | ${100 * rate} % | ${percent(gain)} | ` +
    `${slashes.toFixed(1)} of ${operators} | ${seeds} |`;
}

function seedsOf(
  kept: Kept,
  size: Omit<Size, 'rate'>,
  rate: number,
  strategy: Strategy | null,
): [number, Outcome][] {
  const prefix = nameOf({ ...size, rate, strategy, seed: 0 }).slice(0, -1);
  return [...kept].filter(([name]) => name.startsWith(prefix))
    .map(([name, outcome]) => [Number(name.slice(prefix.length)), outcome]);
}
