import { cpuUsage } from 'node:process';

export { median } from '../feeds/base/mod.ts';

/** Quantile `q` in [0, 1], linearly interpolated. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1), low = Math.floor(at);
  const a = sorted[low]!, b = sorted[Math.min(low + 1, sorted.length - 1)]!;
  return a + (b - a) * (at - low);
}

/** `median [10th percentile .. 90th percentile]` of the values. */
export function spread(values: readonly number[], digits = 2): string {
  const f = (q: number) => quantile(values, q).toFixed(digits);
  return `${f(0.5)} [${f(0.1)} .. ${f(0.9)}]`;
}

/** One row of the results: what, the measurement, the goal and whether it was met. */
export interface Figure {
  name: string;
  measured: string;
  goal: string;
  met: boolean;
}

/** Prints figures as a Markdown table. */
export function printFigures(figures: readonly Figure[]): void {
  console.log('| figure | measured | goal | |\n|---|---|---|---|');
  for (const f of figures) {
    console.log(`| ${f.name} | ${f.measured} | ${f.goal} | ${f.met ? 'met' : 'missed'} |`);
  }
}

/** Processor time of this process and of a child's, ms; of others nothing counts. */
export function cpuMs(child: number | null): number {
  const { user, system } = cpuUsage();
  const own = (user + system) / 1000;
  if (Deno.build.os !== 'linux') return own;
  // After the name in parentheses: the 12th and 13th are user and system time in hundredths.
  const stat = Deno.readTextFileSync(`/proc/${child}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return own + 10 * (Number(fields[11]) + Number(fields[12]));
}
