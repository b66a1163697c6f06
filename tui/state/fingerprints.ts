import { count, type Fields, fieldsOf, hex, list, newest, number, text } from './read.ts';
import type { Reader } from './runs.ts';
import {
  type Challenge,
  type Figures,
  type Fingerprint,
  type Fingerprints,
  type Interval,
  LIMITS,
} from './types.ts';

/** What is told of machines and their speed. */
export const FINGERPRINTS: Record<string, Reader> = {
  fingerprints(state, from) {
    const fingerprints = fingerprintsOf(from.fingerprints);
    if (fingerprints === null) return false;
    state.fingerprints = fingerprints;
    return true;
  },
};

/** Machines as they may be shown; null if it is nothing of that kind. */
export function fingerprintsOf(value: unknown): Fingerprints | null {
  const from = fieldsOf(value);
  if (from === null || !Array.isArray(from.nodes) || !Array.isArray(from.challenges)) return null;
  return {
    epoch: count(from.epoch),
    challengers: count(from.challengers) ?? 0,
    nodes: list(from.nodes, LIMITS.fingerprints, nodeOf),
    challenges: newest(from.challenges, LIMITS.challenges, challengeOf),
    cost: amount(from.cost),
    note: text(from.note, 200) || null,
  };
}

function nodeOf(value: unknown): Fingerprint | null {
  const from = fieldsOf(value);
  const key = hex(from?.key), profile = hex(from?.profile);
  if (from === null || key === null || profile === null) return null;
  return {
    key,
    own: from.own === true,
    name: text(from.name, 80) || null,
    profile,
    model: text(from.model, 80) || null,
    class: hex(from.class) ?? '',
    claimed: figuresOf(from.claimed),
    measured: figuresOf(from.measured),
    attested: attestedOf(from.attested),
    contradicted: contradictionOf(from.contradicted),
    history: newest(from.history, LIMITS.history, pointOf),
    energy: energyOf(from.energy),
  };
}

function figuresOf(value: unknown): Figures | null {
  const from = fieldsOf(value);
  if (from === null) return null;
  return {
    prefill: amount(from.prefill),
    decode: amount(from.decode),
    streams: count(from.streams),
    streamRate: amount(from.streamRate),
    context: count(from.context),
    at: number(from.at) ?? 0,
  };
}

function attestedOf(value: unknown): Fingerprint['attested'] {
  const from = fieldsOf(value);
  const prefill = intervalOf(from?.prefill), decode = intervalOf(from?.decode);
  if (from === null || prefill === null || decode === null) return null;
  return {
    prefill,
    decode,
    streams: intervalOf(from.streams),
    context: intervalOf(from.context),
    until: count(from.until) ?? 0,
    by: list(from.by, LIMITS.parts, hex),
    raw: rawOf(from.raw),
  };
}

const BACKENDS = ['gpu', 'cpu', 'none'] as const;

function rawOf(value: unknown): NonNullable<Fingerprint['attested']>['raw'] {
  const from = fieldsOf(value);
  const backend = BACKENDS.find((name) => name === from?.backend);
  if (from === null || backend === undefined) return null;
  return { backend, rate: amount(from.rate) ?? 0, memory: amount(from.memory) ?? 0 };
}

function intervalOf(value: unknown): Interval | null {
  const from = fieldsOf(value);
  const low = amount(from?.low), high = amount(from?.high);
  if (low === null || high === null) return null;
  return { low, high, confidence: Math.min(1, amount(from?.confidence) ?? 0) };
}

function contradictionOf(value: unknown): Fingerprint['contradicted'] {
  const from = fieldsOf(value);
  const claimed = amount(from?.claimed), low = amount(from?.low), high = amount(from?.high);
  if (from === null || claimed === null || low === null || high === null) return null;
  return { figure: text(from.figure, 24) ?? '', claimed, low, high, epoch: count(from.epoch) ?? 0 };
}

const POINTS = ['claim', 'own', 'attestation'] as const;

function pointOf(value: unknown): Fingerprint['history'][number] | null {
  const from = fieldsOf(value);
  const source = POINTS.find((name) => name === from?.source), at = number(from?.at);
  if (from === null || source === undefined || at === null) return null;
  const prefill = amount(from.prefill), decode = amount(from.decode);
  return { at, source, by: hex(from.by) ?? '', prefill, decode };
}

const SOURCES = ['nvml', 'rapl', 'estimate'] as const;

function energyOf(value: unknown): Fingerprint['energy'] {
  const from = fieldsOf(value);
  const source = SOURCES.find((name) => name === from?.source);
  if (from === null || source === undefined) return null;
  const promptToken = amount(from.promptToken), outputToken = amount(from.outputToken);
  return { source, promptToken, outputToken, error: amount(from.error) };
}

const STATES = [
  'drawn',
  'waiting',
  'work',
  'raw',
  'micro',
  'logged',
  'refused',
  'failed',
] as const;

function challengeOf(value: unknown): Challenge | null {
  const from = fieldsOf(value);
  const executor = hex(from?.executor), profile = hex(from?.profile);
  const state = STATES.find((name) => name === from?.state);
  if (from === null || executor === null || profile === null || state === undefined) return null;
  return {
    executor,
    profile,
    epoch: count(from.epoch),
    state,
    done: count(from.done) ?? 0,
    runs: count(from.runs) ?? 0,
    detail: text(from.detail, 200) ?? '',
    at: number(from.at) ?? 0,
  };
}

/** A number that is not negative. */
function amount(value: Fields[string]): number | null {
  const n = number(value);
  return n !== null && n >= 0 ? n : null;
}
