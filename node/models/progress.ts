import type { Progress } from './files.ts';

/** A transfer as it stands. */
export interface ProgressView extends Progress {
  /** Bytes a second, smoothed; null before two samples. */
  rate: number | null;
  /** Seconds left; null where it cannot be told. */
  left: number | null;
}

/** `98.4 MB`, in powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let [value, unit] = [Math.max(0, bytes), 0];
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** `42 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 === 0 ? `${s / 60} min` : `${Math.floor(s / 60)} min ${s % 60} s`;
  const minutes = Math.round((s % 3600) / 60);
  return minutes === 60
    ? `${Math.floor(s / 3600) + 1} h`
    : `${Math.floor(s / 3600)} h ${minutes} min`;
}

/** Measures the rate of a transfer. The clock comes in with each sample, in milliseconds. */
export class RateMeter {
  #at: number | null = null;
  #done = 0;
  #rate: number | null = null;

  sample({ done, total }: Progress, at: number): ProgressView {
    if (this.#at === null || done < this.#done) {
      [this.#at, this.#done, this.#rate] = [at, done, null];
    } else if (at - this.#at >= 200) {
      const now = (done - this.#done) / ((at - this.#at) / 1000);
      // Half of the weight lies on the last 3 seconds, whatever the pace of samples.
      const keep = this.#rate === null ? 0 : 0.5 ** ((at - this.#at) / 3000);
      [this.#at, this.#done, this.#rate] = [at, done, keep * (this.#rate ?? 0) + (1 - keep) * now];
    }
    const rate = this.#rate;
    const left = rate !== null && rate > 0 && total > done ? (total - done) / rate : null;
    return { done, total, rate, left };
  }
}

/** Percent done, 0 to 100; 0 where the total is not known. */
export function percent({ done, total }: Progress): number {
  return total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : 0;
}

/** One line without control characters, e.g. for a log: `label: 12 % of 98.4 MB, 5.1 MB/s, 17 s left`. */
export function progressLine(label: string, view: ProgressView): string {
  return `${label}: ${percent(view)} % of ${formatBytes(view.total)}${pace(view)}`;
}

/** The same as a bar that fits into `columns`, at least 20. */
export function progressBar(label: string, view: ProgressView, columns: number): string {
  const text = ` ${String(percent(view)).padStart(3)} % ${formatBytes(view.done)} / ` +
    `${formatBytes(view.total)}${pace(view)}`;
  const room = Math.max(20, columns) - 1;
  const width = Math.min(40, room - label.length - text.length - 3);
  if (width < 5) return `${label}${text}`.slice(0, room);
  const full = Math.round((width * percent(view)) / 100);
  return `${label} [${'#'.repeat(full)}${'-'.repeat(width - full)}]${text}`;
}

function pace({ rate, left }: ProgressView): string {
  const speed = rate === null ? '' : `, ${formatBytes(rate)}/s`;
  return left === null ? speed : `${speed}, ${formatSeconds(left)} left`;
}
