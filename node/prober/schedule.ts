/** Policy of probing. Times in milliseconds. */
export interface ProbePolicy {
  /** Most of a node's time that answering challenges may take, 0 to 1. */
  share: number;
  /** Challenges that are answered at once after the start, before any time was earned. */
  burstMs: number;
  /** Beyond that, for drawn challengers: how many there are is the draw's to say. */
  drawnMs: number;
  /** What one challenge may take of the executor. */
  challengeMs: number;
  /** A node that has just come up has better things to do than to measure itself. */
  settleMs: number;
  /** So long nobody's job may have run here before something is measured. */
  quietMs: number;
  /** The quick measurement of oneself, at most. */
  quickMs: number;
  /** Own figures are measured again after this. */
  ownEveryMs: number;
  /** Between two jobs of one challenge, at most: they are spread like a user's. */
  gapMs: number;
  /** A challenge for whose executor is busy is tried again after this. */
  againMs: number;
}

export const PROBE_POLICY: ProbePolicy = {
  share: 0.01,
  burstMs: 30_000,
  drawnMs: 90_000,
  challengeMs: 20_000,
  settleMs: 5_000,
  quietMs: 2_000,
  quickMs: 10_000,
  ownEveryMs: 24 * 3_600_000,
  gapMs: 2_000,
  againMs: 5_000,
};

/** Time that was given to challenges so far, and since when it is counted. */
export interface Spent {
  since: number;
  ms: number;
}

/** Time that may still be given now: a share of what has passed, and a little to begin with. */
export function left(
  { since, ms }: Spent,
  now: number,
  { share, burstMs }: Pick<ProbePolicy, 'share' | 'burstMs'>,
): number {
  return burstMs + share * Math.max(0, now - since) - ms;
}

/** Milliseconds from now until so much may be given; 0: now. */
export function waitFor(
  spent: Spent,
  needMs: number,
  now: number,
  policy: Pick<ProbePolicy, 'share' | 'burstMs'>,
): number {
  const short = needMs - left(spent, now, policy);
  return short <= 0 ? 0 : Math.ceil(short / policy.share);
}

/** A network's schedule, and what one challenge takes of the executor. */
export interface Schedule {
  epochMs: number;
  /** Epochs between two draws for one executor and profile. */
  everyCuts: number;
  /** Challengers that are drawn each time. */
  challengers: number;
  /** Profiles that the node serves. */
  profiles: number;
  /** Measured: work of one challenge, milliseconds of the executor. */
  challengeMs: number;
}

/** Share of a node's time that challenges take, 0 to 1. */
export function shareOf(schedule: Schedule): number {
  const { epochMs, everyCuts, challengers, profiles, challengeMs } = schedule;
  return challengers * profiles * challengeMs / (everyCuts * epochMs);
}

/**
 * When a drawn challenger is to begin, milliseconds after its draw: each has a part of the window of its
 * own, so that two do not measure each other, and begins somewhere in it, so that nobody can wait for it.
 * @param place of the challenger among those drawn, from 0
 * @param challengers that were drawn
 * @param windowMs from the draw to the last moment at which a result still counts
 * @param random uniform in [0, 1)
 */
export function beginAfter(
  place: number,
  challengers: number,
  windowMs: number,
  random: number,
): number {
  const part = windowMs / Math.max(1, challengers);
  // The rest of a part is left for the work itself.
  return part * (place + random / 4);
}

/** What decides whether a node may be measured now. */
export interface Idle {
  /** Jobs in work and waiting. */
  jobs: number;
  /** Since the last job ended, milliseconds. */
  quietMs: number;
}

/** Why nothing may be measured now, for people; null where it may. */
export function busy({ jobs, quietMs }: Idle, policy: Pick<ProbePolicy, 'quietMs'>): string | null {
  if (jobs > 0) return jobs === 1 ? 'a job is in work' : `${jobs} jobs are in work`;
  return quietMs < policy.quietMs ? 'a job has just ended' : null;
}
