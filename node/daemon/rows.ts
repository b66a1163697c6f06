import manifest from '../../package.json' with { type: 'json' };
import { toHex } from '../../feeds/base/mod.ts';
import type { NodeStatus, PeerRow } from '../control/mod.ts';
import {
  expectedFirstMs,
  failuresAt,
  type PeerStats,
  type StatsBook,
  tokensPerSecond,
} from '../router/mod.ts';
import type { KnownPeer } from './directory.ts';
import type { NexusNode } from './node.ts';

/** Length of a prompt, in tokens, that a measured time to the first token is given for. */
const USUAL_PROMPT = 64;

/** A node in figures, as `nexus peers`, `doctor` and dashboards show it. */
export function statusOf(node: NexusNode): NodeStatus {
  const { mesh, serving, directory, options, jobs } = node;
  return {
    key: node.key,
    home: options.home.paths.home,
    version: manifest.version,
    network: { name: options.network.name, id: toHex(options.network.id) },
    mesh: mesh === null ? null : mesh.state,
    roles: [...options.roles],
    peers: directory.peers.length,
    sessions: jobs.sessions,
    draining: node.draining,
    startedAt: node.startedAt,
    pids: { node: Deno.pid, engine: node.engine.pid, feeds: node.feedsPid },
    models: serving.all.map(({ model, loaded, price }) => ({
      name: model.entry.name,
      profile: model.id,
      price,
      class: toHex(loaded.class),
      determinism: loaded.determinism,
      threads: loaded.threads,
      load: loadOf(jobs.load(loaded.profileId)),
    })),
    http: node.http,
  };
}

/** Connected peers, what they serve, and what was measured of them. */
export function peersOf(node: NexusNode): PeerRow[] {
  const { directory, runner } = node;
  return directory.peers.map((peer) => {
    const { info, announcement, seenAt } = peer;
    return {
      key: toHex(info.key),
      name: announcement?.name ?? null,
      rttMs: rounded(info.rttMs),
      transport: info.transport,
      hardware: announcement?.hardware ?? null,
      fresh: directory.fresh(peer),
      load: announcement?.load ?? null,
      draining: announcement?.draining ?? false,
      models: (announcement?.profiles ?? []).map((p) => ({
        name: p.name,
        profile: toHex(p.id),
        price: p.price,
        warm: p.warm,
      })),
      ...measured(peer, runner.stats),
      distrusted: node.checks.why(info.key),
      connectedAt: info.connectedAt,
      seenAt,
    };
  });
}

/** Over the profile of a peer that was used most; failures over all. */
function measured({ info, announcement }: KnownPeer, book: StatsBook) {
  const all = (announcement?.profiles ?? []).map(({ id }) => book.get(info.key, id));
  const uses = (stats: PeerStats) => stats.token?.count ?? 0;
  const most = all.reduce<PeerStats | null>(
    (best, one) => (best === null || uses(one) > uses(best) ? one : best),
    null,
  );
  const now = performance.now();
  return {
    tokensPerSecond: most && rounded(tokensPerSecond(most)),
    firstTokenMs: most && rounded(expectedFirstMs(most, USUAL_PROMPT)),
    failures: rounded(Math.max(0, ...all.map((stats) => failuresAt(stats, now)))) ?? 0,
  };
}

/** Enough for a table; a row does not count as changed with each digit behind. */
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}

function loadOf(load: { active: number; queued: number; slots: number } | null) {
  const { active, queued, slots } = load ?? { active: 0, queued: 0, slots: 0 };
  return { active, queued, slots };
}
