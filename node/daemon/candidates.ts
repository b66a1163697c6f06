import type { Load, Offered, Speed, Standing } from '../router/mod.ts';
import { JOB_RULES, JOB_VERSION } from '../job/mod.ts';
import type { AffinityBook } from './affinity.ts';
import type { Directory } from './directory.ts';

/** What is known of a job when its candidates are gathered. */
export interface Wanted {
  profile: Uint8Array;
  prompt: readonly number[];
}

/** Whom this node has nothing to do with, or does not ask. */
export interface Avoided {
  banned: (executor: Uint8Array) => boolean;
  distrusted: (executor: Uint8Array) => string | null;
  /** What the ledger says of it; null where there is none, or nothing is known. */
  standing: (executor: Uint8Array) => Standing | null;
  /** What is attested of its speed with a profile, or claimed; null where nothing is. */
  speedOf: (executor: Uint8Array, profile: Uint8Array) => Speed | null;
}

/** The peers that serve a profile now. */
export function meshCandidates(
  wanted: Wanted,
  directory: Directory,
  affinity: AffinityBook,
  { banned, distrusted, standing, speedOf }: Avoided,
): Offered[] {
  return directory.serving(wanted.profile).map(({ peer, offering }) => ({
    executor: peer.info.key,
    profile: offering.id,
    class: offering.class,
    price: offering.price,
    rttMs: peer.info.rttMs,
    load: { ...peer.announcement!.load, queueLimit: JOB_RULES.queueLimit },
    warm: offering.warm,
    prefixAffinity: affinity.share(peer.info.key, wanted.prompt),
    isLocal: false,
    versions: [JOB_VERSION],
    banned: banned(peer.info.key),
    distrusted: distrusted(peer.info.key),
    standing: standing(peer.info.key),
    speed: speedOf(peer.info.key, offering.id),
  }));
}

/**
 * This very node as a candidate, for itself at no price.
 * @param here class and load where the model is in memory; null where it would have to be loaded
 */
export function localCandidate(
  me: Uint8Array,
  here: { class: Uint8Array; load: Load | null } | null,
  wanted: Wanted,
  affinity: AffinityBook,
): Offered {
  return {
    executor: me,
    profile: wanted.profile,
    class: here?.class ?? new Uint8Array(32),
    price: 0,
    rttMs: 0,
    load: here?.load ?? { active: 0, queued: 0, slots: 1, queueLimit: JOB_RULES.queueLimit },
    warm: here !== null,
    prefixAffinity: affinity.share(me, wanted.prompt),
    isLocal: true,
    versions: [JOB_VERSION],
    banned: false,
    distrusted: null,
  };
}
