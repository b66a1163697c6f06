import {
  type Candidate,
  expectedFirstMs,
  failuresAt,
  type Load,
  type StatsBook,
  tokensPerSecond,
} from '../router/mod.ts';
import { JOB_RULES, JOB_VERSION } from '../job/mod.ts';
import type { AffinityBook } from './affinity.ts';
import type { Directory, Serving } from './directory.ts';

/** What is known of a job when its candidates are gathered. */
export interface Wanted {
  profile: Uint8Array;
  prompt: readonly number[];
}

export interface CandidateSources {
  directory: Directory;
  stats: StatsBook;
  affinity: AffinityBook;
  banned: (executor: Uint8Array) => boolean;
  now: () => number;
}

/** The peers that serve a profile, with all that is measured of them. */
export function meshCandidates(wanted: Wanted, sources: CandidateSources): Candidate[] {
  return sources.directory.serving(wanted.profile).map((serving) =>
    candidateOf(serving, wanted, sources)
  );
}

function candidateOf(
  { peer, offering }: Serving,
  wanted: Wanted,
  { stats, affinity, banned, now }: CandidateSources,
): Candidate {
  const executor = peer.info.key;
  const announced = peer.announcement!.load;
  return {
    executor,
    profile: offering.id,
    class: offering.class,
    price: offering.price,
    rttMs: peer.info.rttMs,
    load: { ...announced, queueLimit: JOB_RULES.queueLimit },
    warm: offering.warm,
    ...measured(executor, wanted, stats, now()),
    prefixAffinity: affinity.share(executor, wanted.prompt),
    isLocal: false,
    versions: [JOB_VERSION],
    banned: banned(executor),
  };
}

/** This very node as a candidate. */
export function localCandidate(
  me: Uint8Array,
  classId: Uint8Array | null,
  load: Load | null,
  wanted: Wanted,
  { stats, affinity, now }: Omit<CandidateSources, 'directory' | 'banned'>,
): Candidate {
  return {
    executor: me,
    profile: wanted.profile,
    class: classId ?? new Uint8Array(32),
    price: 0,
    rttMs: 0,
    load: load ?? { active: 0, queued: 0, slots: 1, queueLimit: JOB_RULES.queueLimit },
    warm: classId !== null,
    ...measured(me, wanted, stats, now()),
    prefixAffinity: affinity.share(me, wanted.prompt),
    isLocal: true,
    versions: [JOB_VERSION],
    banned: false,
  };
}

function measured(executor: Uint8Array, wanted: Wanted, book: StatsBook, now: number) {
  const stats = book.get(executor, wanted.profile);
  return {
    tokensPerSecond: tokensPerSecond(stats),
    firstTokenMs: expectedFirstMs(stats, wanted.prompt.length),
    failures: failuresAt(stats, now),
  };
}
