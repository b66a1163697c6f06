import type { LogFormat } from '../home/mod.ts';
import { oneLine, type Style } from './text.ts';

/** How much a line of the log matters. */
export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/** Something that goes into the log: never the text of a prompt or an answer. */
export interface LogEntry {
  /** Milliseconds since 1970. */
  at: number;
  level: LogLevel;
  /** Stable name of what happened. */
  event: string;
  /** The same for people, one line. */
  text: string;
  /** The same for programs, under stable names. */
  fields: Readonly<Record<string, unknown>>;
}

/** Names that each line of JSON has itself. */
const RESERVED = new Set(['time', 'level', 'event', 'message', 'at']);
const MAX_TEXT = 2000;
const MAX_DEPTH = 4;
const MAX_ITEMS = 64;

/** A line of the log without its end: what people read, or one JSON object. */
export function renderEntry(entry: LogEntry, format: LogFormat, style: Style): string {
  const { at, level, event, text, fields } = entry;
  if (format === 'text') {
    const time = style.dim(clock(at));
    const line = oneLine(text).slice(0, MAX_TEXT);
    return `${time} ${
      level === 'error' ? style.red(line) : level === 'warning' ? style.yellow(line) : line
    }`;
  }
  const own = Object.entries(clean(fields, 0) as object).filter(([name]) => !RESERVED.has(name));
  return JSON.stringify({
    time: isoTime(at),
    level,
    event,
    ...Object.fromEntries(own),
    message: oneLine(text).slice(0, MAX_TEXT),
  });
}

/** Bounded, and without control characters: a peer's words stand among these values. */
function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return oneLine(value).slice(0, MAX_TEXT);
  // Clocks give more digits than they know.
  if (typeof value === 'number') return Math.round(value * 1000) / 1000;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((one) => clean(one, depth + 1));
  const entries = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(entries.map(([name, one]) => [oneLine(name), clean(one, depth + 1)]));
}

function clock(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? '--:--:--' : date.toTimeString().slice(0, 8);
}

function isoTime(at: number): string | null {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
