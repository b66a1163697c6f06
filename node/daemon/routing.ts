import { toHex } from '../../feeds/base/mod.ts';
import { JOB_PROTOCOL, jobRules, type RequesterDeps } from '../job/mod.ts';
import type { Model } from '../models/mod.ts';
import type { StatsBook } from '../router/mod.ts';
import type { AffinityBook } from './affinity.ts';
import { localCandidate, meshCandidates } from './candidates.ts';
import type { RunnerOptions } from './runner.ts';
import { idOf } from './serving.ts';

/** What is known from earlier jobs, and wanted of this one. */
export interface RoutingState {
  stats: StatsBook;
  affinity: AffinityBook;
  /** Key (hex) of the executor to be asked first; null once it was. */
  first: () => string | null;
  /** Waits for peers where the mesh has only just begun, or begun again; null where none are asked. */
  meshReady: (() => Promise<unknown>) | null;
}

/** How a job finds and reaches its executors, this node's own one included. */
export function requesterDeps(
  options: RunnerOptions,
  model: Model,
  { stats, affinity, first, meshReady }: RoutingState,
): RequesterDeps {
  const { engine, keeper, serving, directory, jobs, logs, signer, network } = options;
  const profile = idOf(model);
  const never = new AbortController().signal;
  return {
    engine,
    feeds: logs,
    signer,
    network: network().id,
    rules: jobRules(network().file.rules),
    heads: options.heads,
    keep: options.keepAttempt,
    ...(options.ledger === null ? {} : { purse: options.ledger.ownPurse }),
    stats,
    candidates: async (id, prompt) => {
      const wanted = { profile: id, prompt };
      const known = () => meshCandidates(wanted, directory, affinity, options);
      // A feeds service that was lost takes all its peers with it, and soon has them again.
      if (known().length === 0) await meshReady?.();
      const peers = known();
      const preferred = first();
      const named = peers.filter((c) => toHex(c.executor) === preferred);
      if (named.length > 0) return named;
      const here = serving.get(profile);
      // Nothing is fetched in the middle of a job.
      if (here === undefined && model.state !== 'ready') return peers;
      const at = here && { class: here.loaded.class, load: jobs.load(profile) };
      return [...peers, localCandidate(signer.publicKey, at ?? null, wanted, affinity)];
    },
    dial: async (candidate, { id, handshake, signal }) => {
      if (candidate.isLocal) {
        await keeper.weights(model, never, () => {});
        return jobs.connect(id, handshake);
      }
      const feeds = await options.feeds()!;
      return await feeds.open(candidate.executor, {
        protocol: JOB_PROTOCOL,
        id,
        handshake,
        signal,
      });
    },
  };
}
