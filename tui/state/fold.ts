import { count, type Fields, fieldsOf, hex, list, number, text } from './read.ts';
import { FINGERPRINTS, fingerprintsOf } from './fingerprints.ts';
import { happen } from './happenings.ts';
import { LEDGER, ledgerOf } from './ledger.ts';
import { end, keep, short, step as note } from './jobs.ts';
import { coreOf, entryOf, findingOf, peerOf, statusRow } from './rows.ts';
import { type Reader, RUNS, WORK } from './runs.ts';
import { AUDITS, trustOf } from './trust.ts';
import { type Entry, LIMITS, type Link, type State } from './types.ts';

/** Nothing known yet. @param at milliseconds since 1970 */
export function emptyState(at: number, link: Link['state'] = 'waiting'): State {
  return {
    version: 0,
    link: { state: link, since: at, reason: '' },
    at: 0,
    status: null,
    peers: new Map(),
    cores: new Map(),
    jobs: new Map(),
    entries: [],
    happenings: [],
    findings: null,
    trust: null,
    ledger: null,
    fingerprints: null,
    counts: { events: 0, skipped: 0, lagged: 0, done: 0, failed: 0, failovers: 0, tokens: 0 },
    model: null,
  };
}

/**
 * Folds one event into the state, in place, and returns it: a thousand events a second leave no time
 * for copies. Whatever the event is, this does not throw; what cannot be understood is counted.
 */
export function step(state: State, event: unknown): State {
  state.version++;
  state.counts.events++;
  const from = fieldsOf(event);
  const name = text(from?.event, 48), at = number(from?.at);
  if (from === null || name === null || at === null) {
    state.counts.skipped++;
    return state;
  }
  const reader = Object.hasOwn(READERS, name) ? READERS[name]! : null;
  if (reader !== null && !reader(state, from, at)) state.counts.skipped++;
  if (reader === null) happen(state, name, from, at);
  if (at > state.at) state.at = at;
  return state;
}

const READERS: Record<string, Reader> = {
  ...RUNS,
  ...WORK,
  ...AUDITS,
  ...LEDGER,
  ...FINGERPRINTS,
  snapshot(state, from, at) {
    const status = statusRow(from.status);
    if (status === null) return false;
    const again = state.status !== null && state.status.startedAt !== status.startedAt;
    if (again) lose(state, at);
    setLink(state, state.link.state === 'recorded' ? 'recorded' : 'live', at);
    state.status = status;
    state.peers.clear();
    state.cores.clear();
    state.entries = [];
    state.trust = trustOf(from.trust);
    state.ledger = ledgerOf(from.ledger);
    state.fingerprints = fingerprintsOf(from.fingerprints);
    putPeers(state, from.peers);
    putCores(state, from.cores);
    for (const entry of list(from.entries, LIMITS.entries, entryOf)) putEntry(state, entry);
    const seen = state.at;
    for (const old of list(from.history, 4096, fieldsOf)) {
      // Of what came before a connection was lost, all is known.
      const past = number(old.at);
      if (past === null || past <= seen || typeof old.event !== 'string') continue;
      if (!NESTED.has(old.event)) step(state, old);
    }
    return true;
  },
  away(state, from, at) {
    if (state.link.state !== 'away') setLink(state, state.status === null ? 'waiting' : 'away', at);
    state.link.reason = text(from.reason, 200) ?? '';
    return true;
  },
  status(state, from) {
    const status = statusRow(from.status);
    if (status === null) return false;
    state.status = status;
    return true;
  },
  peers(state, from) {
    if (!Array.isArray(from.peers) || !Array.isArray(from.gone)) return false;
    for (const key of from.gone) if (typeof key === 'string') state.peers.delete(key.toLowerCase());
    putPeers(state, from.peers);
    return true;
  },
  cores(state, from) {
    if (!Array.isArray(from.cores)) return false;
    putCores(state, from.cores);
    return true;
  },
  entry(state, from, at) {
    const entry = entryOf(from.entry);
    if (entry === null) return false;
    putEntry(state, entry);
    const job = entry.job === null ? undefined : state.jobs.get(entry.job);
    if (job !== undefined) {
      note(job, at, entry.type ?? 'entry', `${short(entry.core)} #${entry.index}`);
    }
    return true;
  },
  findings(state, from, at) {
    if (!Array.isArray(from.findings)) return false;
    state.findings = {
      at,
      rows: list(from.findings, LIMITS.findings, findingOf),
      unresolved: count(from.unresolved) ?? 0,
      digest: hex(from.digest) ?? '',
    };
    return true;
  },
  lagged(state, from) {
    const lost = count(from.lost);
    if (lost === null) return false;
    state.counts.lagged += lost;
    return true;
  },
};

/** What a history cannot hold. */
const NESTED = new Set(['snapshot', 'away']);

function setLink(state: State, to: Link['state'], at: number): void {
  if (state.link.state !== to) state.link = { state: to, since: at, reason: '' };
}

/** Jobs of a node that is no more. */
function lose(state: State, at: number): void {
  for (const job of state.jobs.values()) {
    if (job.endedAt !== null) continue;
    note(job, at, 'lost', 'the node was started again', true);
    end(state, job, at, 'lost');
  }
}

function putPeers(state: State, rows: unknown): void {
  for (const peer of list(rows, LIMITS.peers, peerOf)) {
    if (state.peers.size < LIMITS.peers || state.peers.has(peer.key)) {
      state.peers.set(peer.key, peer);
    }
  }
}

function putCores(state: State, rows: unknown): void {
  for (const core of list(rows, LIMITS.cores, coreOf)) {
    if (state.cores.size < LIMITS.cores || state.cores.has(core.key)) {
      state.cores.set(core.key, core);
    }
  }
}

function putEntry(state: State, entry: Entry): void {
  keep(state.entries, entry, LIMITS.entries);
}

/** A state that goes on by itself. What the fold replaces as a whole is shared. */
export function copyState(state: State): State {
  const { trust, ledger, fingerprints } = state;
  const whole = { trust, ledger, fingerprints };
  const rest = structuredClone({ ...state, trust: null, ledger: null, fingerprints: null });
  return { ...rest, ...whole };
}

/** The fields of a state as JSON has them. */
export function stateJson(state: State): Fields {
  const { peers, cores, jobs, version: _version, model: _model, ...rest } = state;
  return {
    ...rest,
    peers: [...peers.values()],
    cores: [...cores.values()],
    jobs: [...jobs.values()],
  };
}
