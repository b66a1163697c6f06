/** Milliseconds for people: `0.4 ms`, `12 ms`, `1.5 s`, `3 min`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '-';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return age(ms);
}

/** How long ago, in one word: `4s`, `12m`, `3h`, `2d`. */
export function age(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m`;
  if (s < 86_400) return `${Math.floor(s / 3600)}h`;
  return `${Math.floor(s / 86_400)}d`;
}

/** A rate with three digits at most. */
export function rate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) return '-';
  if (perSecond >= 10_000) return `${Math.round(perSecond / 1000)}k`;
  return perSecond >= 100 ? String(Math.round(perSecond)) : perSecond.toFixed(1);
}

/** Bytes with a binary unit. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = count, unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${count} B` : `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/** Time of the day on this machine: `14:03:59`. */
export function clock(at: number | null): string {
  if (at === null || !Number.isFinite(at) || Math.abs(at) > 8.64e15) return '--:--:--';
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Day and time on this machine. */
export function moment(at: number): string {
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15) return '-';
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(at)}`;
}

const BARS = '▁▂▃▄▅▆▇█';

/** The last values as bars, one column each, scaled to `top`: by default their largest. */
export function sparkline(values: readonly number[], width: number, top?: number): string {
  const shown = values.slice(-width);
  const most = top ?? Math.max(...shown, 0);
  if (most <= 0) return '';
  return shown.map((v) => BARS[Math.min(7, Math.max(0, Math.ceil(v / most * 8) - 1))]!).join('');
}

/** The last values as bars between their least and their largest: how they moved, not how large they are. */
export function trend(values: readonly number[], width: number): string {
  const shown = values.slice(-width);
  const least = Math.min(...shown), range = Math.max(...shown) - least;
  if (range === 0) return BARS[3]!.repeat(shown.length);
  return shown.map((v) => BARS[Math.round((v - least) / range * 7)]!).join('');
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A part of a whole as a bar of `width` columns; it is full from 1 on, and not before. */
export function gauge(part: number, width: number): string {
  const all = width * 8;
  const filled = part >= 1 ? all : Math.min(all - 1, Math.max(0, Math.floor(part * all)));
  const bar = '█'.repeat(filled >> 3) + EIGHTHS[filled % 8]!;
  return bar.padEnd(width, '░');
}
