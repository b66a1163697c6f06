import type { FindingRow } from '../../node/control/mod.ts';
import { count, fieldsOf, hex, list, number, text } from './read.ts';
import { type Core, type Entry, LIMITS, type Load, type Peer, type Status } from './types.ts';

/** A peer's row as it may be shown; null if it is none. */
export function peerOf(value: unknown): Peer | null {
  const from = fieldsOf(value);
  const key = hex(from?.key);
  if (from === null || key === null) return null;
  return {
    key,
    name: text(from.name, 64) || null,
    rttMs: number(from.rttMs),
    transport: text(from.transport, 16) ?? '',
    hardware: text(from.hardware, 120) || null,
    fresh: from.fresh === true,
    load: loadOf(from.load),
    draining: from.draining === true,
    models: list(from.models, LIMITS.models, (one) => {
      const model = fieldsOf(one);
      const name = text(model?.name, 80);
      if (model === null || name === null) return null;
      const profile = hex(model.profile) ?? '';
      return { name, profile, price: number(model.price) ?? 0, warm: model.warm === true };
    }),
    tokensPerSecond: number(from.tokensPerSecond),
    firstTokenMs: number(from.firstTokenMs),
    failures: number(from.failures) ?? 0,
    distrusted: text(from.distrusted, 200) || null,
    connectedAt: number(from.connectedAt) ?? 0,
    seenAt: number(from.seenAt) ?? 0,
  };
}

/** A log's head; null if it is none. */
export function coreOf(value: unknown): Core | null {
  const from = fieldsOf(value);
  const key = hex(from?.key);
  if (from === null || key === null) return null;
  return {
    key,
    owner: hex(from.owner),
    log: text(from.log, 24),
    own: from.own === true,
    length: count(from.length) ?? 0,
    lag: count(from.lag) ?? 0,
    fork: count(from.fork) ?? 0,
    bytes: count(from.bytes) ?? 0,
    treeHash: hex(from.treeHash) ?? '',
  };
}

/** A log entry; null if it is none. */
export function entryOf(value: unknown): Entry | null {
  const from = fieldsOf(value);
  const core = hex(from?.core), index = count(from?.index);
  if (from === null || core === null || index === null) return null;
  return {
    core,
    owner: hex(from.owner),
    log: text(from.log, 24),
    index,
    type: text(from.type, 32),
    at: number(from.at),
    job: hex(from.job),
    fields: Object.entries(fieldsOf(from.fields) ?? {}).slice(0, LIMITS.fields)
      .map(([name, field]) => [text(name, 32) ?? '', shown(field)]),
    bytes: count(from.bytes) ?? 0,
    error: text(from.error, 64) || null,
  };
}

export function findingOf(value: unknown): FindingRow | null {
  const from = fieldsOf(value);
  const code = text(from?.code, 48), core = hex(from?.core);
  if (from === null || code === null || core === null) return null;
  return { code, core, index: count(from.index), detail: text(from.detail, 300) ?? '' };
}

/** The node in figures; null if it is not. */
export function statusRow(value: unknown): Status | null {
  const from = fieldsOf(value);
  const key = hex(from?.key);
  if (from === null || key === null) return null;
  const network = fieldsOf(from.network), mesh = fieldsOf(from.mesh), pids = fieldsOf(from.pids);
  return {
    key,
    home: text(from.home, 300) ?? '',
    version: text(from.version, 32) ?? '',
    network: { name: text(network?.name, 64) ?? '', id: hex(network?.id) ?? '' },
    mesh: mesh === null
      ? null
      : { state: text(mesh.state, 32) ?? '', detail: text(mesh.detail, 200) ?? '' },
    roles: list(from.roles, 8, (role) => text(role, 24)),
    peers: count(from.peers) ?? 0,
    sessions: count(from.sessions) ?? 0,
    draining: from.draining === true,
    startedAt: number(from.startedAt) ?? 0,
    pids: {
      node: count(pids?.node) ?? 0,
      engine: count(pids?.engine),
      feeds: count(pids?.feeds),
    },
    models: list(from.models, LIMITS.models, (one) => {
      const model = fieldsOf(one);
      const name = text(model?.name, 80);
      if (model === null || name === null) return null;
      return {
        name,
        profile: hex(model.profile) ?? '',
        price: number(model.price) ?? 0,
        class: hex(model.class) ?? '',
        determinism: text(model.determinism, 32) ?? '',
        threads: count(model.threads) ?? 0,
        load: loadOf(model.load) ?? { active: 0, queued: 0, slots: 0 },
      };
    }),
    http: text(from.http, 100),
  };
}

function loadOf(value: unknown): Load | null {
  const from = fieldsOf(value);
  if (from === null) return null;
  const active = count(from.active), queued = count(from.queued), slots = count(from.slots);
  return active === null || queued === null || slots === null ? null : { active, queued, slots };
}

/** A field's value as text. Deep values are told by their JSON. */
function shown(value: unknown): string {
  if (typeof value === 'string') return text(value, 160)!;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return '-';
  try {
    return text(JSON.stringify(value) ?? '', 160)!;
  } catch {
    return '?';
  }
}
