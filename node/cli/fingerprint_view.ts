import type { FiguresRow, FingerprintRows } from '../control/mod.ts';
import { short } from './answer.ts';

/** Heads of the table of one machine: the same with and without a GPU. */
export const FINGERPRINT_COLUMNS = ['FIGURE', 'MEDIAN', 'MAD', 'INTERVAL', 'CV', 'RUNS'];

interface Sample {
  count: number;
  median: number;
  mad: number;
  low: number;
  high: number;
  cv: number;
}

/** What a node found of its own engine. */
export interface Own {
  machine: {
    model: string;
    backend: string;
    device: string;
    offload: boolean;
    threads: number;
    slots: number;
  };
  prefill: Sample;
  decode: Sample;
  curve: { streams: number; rate: Sample }[];
  context: number;
  ms: number;
}

/** And of its machine. */
export interface OwnProbe {
  backend: 'gpu' | 'cpu';
  adapter: string | null;
  processor: string;
  threads: number;
  raw: Sample;
  memory: number;
  features: { name: string; ns: number }[];
  /** Null: nothing to compare with was kept. */
  same: Same | null;
}

/** How it stands to the machine that was measured before. */
interface Same {
  at: number;
  distance: number;
  threshold: number;
  isSame: boolean;
  rate: { ratio: number; low: number; high: number } | null;
}

/** What a challenger found; rates in thousandths of a token a second. */
export interface Measured {
  runs: number;
  prefill: Spread;
  decode: Spread;
  streams: (Spread & { streams: number })[];
  context: number;
  contextFailed: number;
  raw: { backend: string; rate: number; memory: number };
  features: { name: string; ns: number }[];
  isPrefillResolved: boolean;
  failed: number;
  wrong: number;
  tookMs: number;
  transcript: string;
  failure: { code: string; message: string } | null;
}

interface Spread {
  median: number;
  mad: number;
  low: number;
  high: number;
}

interface Shown {
  rows: string[][];
  notes: string[];
}

/** @param isFull with all micro-benchmarks */
export function ownRows(own: Own, probe: OwnProbe, isFull: boolean): Shown {
  const rows = [
    sampleRow('prefill, tokens/s', own.prefill),
    sampleRow('decode, tokens/s', own.decode),
    ...own.curve.filter(({ streams }) => streams > 1).map(({ streams, rate }) =>
      sampleRow(`${streams} jobs at once, tokens/s of all`, rate)
    ),
    ['context, tokens', String(own.context), '', '', '', ''],
    sampleRow(`raw product (${probe.backend}), Mop/s`, probe.raw),
    ['raw product, MiB touched', probe.memory.toFixed(0), '', '', '', ''],
    ...featureRows(probe.features, isFull),
  ];
  const { machine } = own;
  const gpu = machine.offload
    ? `as many layers of ${machine.model} as fit are on ${machine.device} (${machine.backend})`
    : `no GPU: ${machine.model} runs on the processor, ${machine.threads} thread(s); nothing was left out`;
  const raw = probe.backend === 'gpu'
    ? `raw product on ${probe.adapter}`
    : `raw product on the processor (${probe.processor}, ${probe.threads} threads)` +
      (probe.adapter === null ? '; WebGPU finds no adapter' : `; ${probe.adapter} is software`);
  const took = `measured in ${(own.ms / 1000).toFixed(1)} s; claims of this machine about itself`;
  return { rows, notes: [gpu, raw, took, ...sameNotes(probe.same)] };
}

function sameNotes(same: Same | null): string[] {
  if (same === null) return ['micro-benchmarks are kept, to be compared with later'];
  const { at, distance, threshold, isSame, rate } = same;
  const apart =
    `its micro-benchmarks differ by ${distance.toFixed(2)}, those of another machine by ` +
    `${threshold.toFixed(2)} or more`;
  const then = new Date(at).toISOString().slice(0, 10);
  const pace = rate === null
    ? ''
    : `; the raw product runs at ${(100 * rate.ratio).toFixed(0)} % of its speed then`;
  return [
    isSame
      ? `this seems to be the machine of ${then}: ${apart}${pace}`
      : `this is another machine than on ${then}, or it is busy: ${apart}${pace}; these figures are ` +
        'kept from now on',
  ];
}

/** What one challenger measured of a peer. */
export function peerRows(measured: Measured): Shown {
  const { runs, prefill, decode, streams, raw, features } = measured;
  const rows = runs === 0 ? [] : [
    spreadRow('prefill, tokens/s', prefill, runs),
    spreadRow('decode, tokens/s', decode, runs),
    ...streams.filter((one) => one.streams > 1).map((one) =>
      spreadRow(`${one.streams} jobs at once, tokens/s of all`, one, runs)
    ),
    ['context, tokens', String(measured.context), '', '', '', ''],
    ...(raw.backend === 'none' ? [] : [
      [`raw product (${raw.backend}), Mop/s`, String(raw.rate), '', '', '', '1'],
      ['raw product, MiB touched', String(raw.memory), '', '', '', ''],
    ]),
    ...featureRows(features, false),
  ];
  const notes = [
    `${runs} runs of verified work; it took ${(measured.tookMs / 1000).toFixed(1)} s of the peer`,
  ];
  if (!measured.isPrefillResolved && runs > 0) {
    notes.push('it reads faster than these prompts can tell: its prefill is a lower bound');
  }
  if (measured.failed > 0) notes.push(`${measured.failed} jobs were not verified or did not come`);
  if (measured.wrong > 0) notes.push(`${measured.wrong} answers differ from what this node reads`);
  if (measured.failure !== null) {
    notes.push(`${measured.failure.code}: ${measured.failure.message}`);
  }
  return { rows, notes };
}

/** What challenging two peers at once says. */
export interface Together {
  a: string;
  b: string;
  verdict: 'shared' | 'separate' | 'inconclusive';
  slowdown: { a: number; b: number };
  p: number;
  blocks: number;
}

/** A verdict in words; an indication, and no proof. */
export function sharingText({ a, b, verdict, slowdown, p, blocks }: Together): string {
  const what = {
    shared: 'share one machine, or seem to',
    separate: 'do not share one machine',
    inconclusive: 'may or may not share a machine',
  }[verdict];
  const slow = `${slowdown.a.toFixed(2)} and ${slowdown.b.toFixed(2)} times slower together`;
  const chance = p < 0.001 ? 'p < 0.001' : `p ${p.toFixed(3)}`;
  return `${short(a)} and ${short(b)} ${what}: ${slow} (${chance}, ${blocks} blocks)`;
}

/** All that is known of all machines. */
export function meshRows({ nodes }: FingerprintRows): string[][] {
  const head = ['KEY', 'MODEL', 'CLAIMS', 'MEASURED HERE', 'ATTESTED, tokens/s', 'UNTIL', ''];
  const rows = nodes.map((node) => {
    const { attested, contradicted } = node;
    return [
      node.own ? 'this node' : short(node.key),
      node.model ?? node.profile.slice(0, 8),
      pair(node.claimed),
      pair(node.measured),
      attested === null
        ? '-'
        : `${interval(attested.prefill)} / ${interval(attested.decode)} by ${
          byWhom(attested.by.length)
        }`,
      attested === null ? '' : `cut ${attested.until}`,
      contradicted === null ? '' : `false claim: ${contradicted.figure}`,
    ];
  });
  return [head, ...rows];
}

/** One alone attests nothing. */
function byWhom(challengers: number): string {
  return challengers === 1 ? 'one alone' : `${challengers}`;
}

function pair(row: FiguresRow | null): string {
  if (row === null) return '-';
  return `${rate(row.prefill)} / ${rate(row.decode)}`;
}

function interval({ low, high }: { low: number; high: number }): string {
  return `${rate(low)}–${rate(high)}`;
}

function featureRows(features: readonly { name: string; ns: number }[], all: boolean): string[][] {
  const wanted = all ? features : features.filter(({ name }) => BRIEF.has(name));
  return wanted.map(({ name, ns }) => [`${name}, ns`, amount(ns), '', '', '', '']);
}

/** Of the many, those that say most. */
const BRIEF = new Set(['walk 32 KiB', 'walk 1 MiB', 'walk 32 MiB', 'quanta p99', 'launch median']);

function sampleRow(name: string, { median, mad, low, high, cv, count }: Sample): string[] {
  if (count === 1) return [name, rate(median), '', '', '', '1'];
  const spread = `${rate(low)}–${rate(high)}`;
  return [name, rate(median), rate(mad), spread, `${(100 * cv).toFixed(1)} %`, String(count)];
}

function spreadRow(name: string, { median, mad, low, high }: Spread, runs: number): string[] {
  if (runs === 1) return [name, rate(median / 1000), '', '', '', '1'];
  const spread = `${rate(low / 1000)}–${rate(high / 1000)}`;
  return [name, rate(median / 1000), rate(mad / 1000), spread, '', String(runs)];
}

function rate(value: number | null): string {
  return value === null ? '-' : value >= 1e8 ? 'any' : amount(value);
}

function amount(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
