/** Middle of the values; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

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
