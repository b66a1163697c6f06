import {
  type Attested,
  type Interval,
  LEAST_ACCUSERS,
  type PrintRow,
} from '../../feeds/fingerprints/mod.ts';
import type {
  AttestedRow,
  ChallengeRow,
  FigureHistoryRow,
  FiguresRow,
  FingerprintRow,
  FingerprintRows,
  IntervalRow,
  TokenEnergyRow,
} from '../control/mod.ts';
import type { OwnFigures } from './figures.ts';

/** Nodes and profiles that are shown, at most. */
const MOST = 256;

/** From where rows are made. Keys are hexadecimal. */
export interface RowSources {
  me: string;
  epoch: number | null;
  challengers: number;
  prints: readonly PrintRow[];
  own: readonly OwnFigures[];
  /** What this node serves, with its determinism class, and the energy of a token of it. */
  served: readonly { profile: string; class: string; energy: TokenEnergyRow | null }[];
  /** By `executor:profile`: this node's own measurements, and what was found before. */
  measured: ReadonlyMap<string, FiguresRow>;
  history: ReadonlyMap<string, FigureHistoryRow[]>;
  challenges: ChallengeRow[];
  cost: number | null;
  note: string | null;
  nameOf: (key: string) => string | null;
  modelOf: (profile: string) => string | null;
  hex: (bytes: Uint8Array) => string;
}

/** Everything that is known of machines, for dashboards. */
export function fingerprintRows(sources: RowSources): FingerprintRows {
  const { me, epoch, challengers, prints, own, measured, history, hex } = sources;
  const rows = new Map<string, FingerprintRow>();
  const rowOf = (key: string, profile: string): FingerprintRow => {
    const name = `${key}:${profile}`;
    let row = rows.get(name);
    if (row === undefined) {
      row = {
        key,
        own: key === me,
        name: sources.nameOf(key),
        profile,
        model: sources.modelOf(profile),
        class: '',
        claimed: null,
        measured: measured.get(name) ?? null,
        attested: null,
        contradicted: null,
        history: history.get(name) ?? [],
        energy: null,
      };
      rows.set(name, row);
    }
    return row;
  };
  for (const { profile, class: id, energy } of sources.served) {
    Object.assign(rowOf(me, profile), { class: id, energy });
  }
  for (const figures of own) {
    const row = rowOf(me, hex(figures.profile));
    row.class = hex(figures.class);
    row.measured = ownRow(figures);
  }
  for (const { executor, profile, claim, attested, refuted } of prints) {
    const row = rowOf(executor, profile);
    if (claim !== null) {
      row.class ||= claim.backendClass;
      row.claimed = claimRow(claim);
    }
    if (attested !== null) {
      row.class = attested.backendClass;
      row.attested = attestedRow(attested);
      // One alone accuses nobody: the machine may have been busy just then.
      if (attested.by.length >= LEAST_ACCUSERS) {
        row.contradicted = contradiction(attested.contradicted, attested.epoch);
      }
    }
    if (refuted !== null) row.contradicted = contradiction(refuted.figures, refuted.epoch);
  }
  for (const name of measured.keys()) {
    const [key, profile] = name.split(':') as [string, string];
    rowOf(key, profile);
  }
  const nodes = [...rows.values()].sort((a, b) =>
    Number(b.own) - Number(a.own) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) ||
    (a.profile < b.profile ? -1 : 1)
  ).slice(0, MOST);
  const { challenges, cost, note } = sources;
  return { epoch, challengers, nodes, challenges, cost, note };
}

/** Of one's own measurements. */
export function ownRow(
  { prefill, decode, streams, streamRate, context, at }: OwnFigures,
): FiguresRow {
  return { prefill: prefill.median, decode: decode.median, streams, streamRate, context, at };
}

function claimRow(claim: NonNullable<PrintRow['claim']>): FiguresRow {
  const { prefill, decode, streams, streamRate, context, at } = claim;
  return {
    prefill: prefill / 1000,
    decode: decode / 1000,
    streams,
    streamRate: streamRate / 1000,
    context,
    at,
  };
}

function attestedRow(attested: Attested): AttestedRow {
  const { prefill, decode, streamRate, context, until, by, raw } = attested;
  return {
    prefill: rates(prefill),
    decode: rates(decode),
    streams: streamRate && rates(streamRate),
    context: interval(context, 1),
    until,
    by: [...by],
    raw: raw.backend === 'none' ? null : { ...raw },
  };
}

function contradiction(
  figures: Attested['contradicted'],
  epoch: number,
): FingerprintRow['contradicted'] {
  const worst = figures[0];
  if (worst === undefined) return null;
  const unit = worst.figure === 'context' ? 1 : 1000;
  const { figure, claimed, low, high } = worst;
  return { figure, claimed: claimed / unit, low: low / unit, high: high / unit, epoch };
}

function rates(of: Interval): IntervalRow {
  return interval(of, 1000);
}

function interval({ low, high, confidence }: Interval, unit: number): IntervalRow {
  return { low: low / unit, high: high / unit, confidence: confidence / 10_000 };
}
