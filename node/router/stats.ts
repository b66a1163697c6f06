/** Smoothed mean and mean deviation of a measured time, as TCP keeps its round trip (RFC 6298). */
export interface Smoothed {
  mean: number;
  deviation: number;
  count: number;
}

/** What was measured of one executor with one profile. Times in milliseconds. */
export interface PeerStats {
  /** Offer sent to accept received. */
  accept: Smoothed | null;
  /** Start of work to first token, a prompt token (with {@link START_TOKENS} added to the count). */
  firstPerToken: Smoothed | null;
  /** Time a token in the middle of an answer. */
  token: Smoothed | null;
  /** Longest silence of the channel in each span of work: the jitter of heartbeats. */
  silence: Smoothed | null;
  /** Whole answers. */
  done: number;
  /** Failures, halving with time: see {@link failuresAt}. */
  failures: number;
  /** When `failures` was last updated. */
  failedAt: number;
}

/** What a requester measures. `at` is the clock in milliseconds. */
export type Observation =
  | { type: 'accept'; ms: number }
  | { type: 'first'; ms: number; promptTokens: number }
  | { type: 'tokens'; ms: number; tokens: number }
  | { type: 'silence'; ms: number }
  | { type: 'done' }
  | { type: 'failure'; at: number; weight: number };

/** The start of a decode costs about as much as so many prompt tokens. */
export const START_TOKENS = 32;

const FAILURE_HALF_LIFE_MS = 120_000;
const MOST_FAILURES = 16;

export const NO_STATS: PeerStats = {
  accept: null,
  firstPerToken: null,
  token: null,
  silence: null,
  done: 0,
  failures: 0,
  failedAt: 0,
};

/** The statistics after one more observation. Values that no clock yields are ignored. */
export function observe(stats: PeerStats, seen: Observation): PeerStats {
  switch (seen.type) {
    case 'accept':
      return { ...stats, accept: smooth(stats.accept, seen.ms) };
    case 'first': {
      const each = seen.ms / (seen.promptTokens + START_TOKENS);
      return { ...stats, firstPerToken: smooth(stats.firstPerToken, each) };
    }
    case 'tokens':
      if (!(seen.tokens > 0)) return stats;
      return { ...stats, token: smooth(stats.token, seen.ms / seen.tokens) };
    case 'silence':
      return { ...stats, silence: smooth(stats.silence, seen.ms) };
    case 'done':
      return { ...stats, done: stats.done + 1 };
    case 'failure': {
      const failures = Math.min(MOST_FAILURES, failuresAt(stats, seen.at) + seen.weight);
      return { ...stats, failures, failedAt: seen.at };
    }
  }
}

/** Failures as they count at a later time. */
export function failuresAt(stats: PeerStats, at: number): number {
  if (stats.failures === 0) return 0;
  return stats.failures * 2 ** (-Math.max(0, at - stats.failedAt) / FAILURE_HALF_LIFE_MS);
}

/** Measured time to first token for a prompt of this length, null before the first measurement. */
export function expectedFirstMs(stats: PeerStats, promptTokens: number): number | null {
  return stats.firstPerToken && stats.firstPerToken.mean * (promptTokens + START_TOKENS);
}

/** Measured decoding rate, null before the first measurement. */
export function tokensPerSecond(stats: PeerStats): number | null {
  return stats.token && 1000 / Math.max(stats.token.mean, 0.01);
}

function smooth(old: Smoothed | null, value: number): Smoothed | null {
  if (!Number.isFinite(value) || value < 0) return old;
  if (old === null) return { mean: value, deviation: value / 2, count: 1 };
  const deviation = old.deviation + (Math.abs(value - old.mean) - old.deviation) / 4;
  return { mean: old.mean + (value - old.mean) / 8, deviation, count: old.count + 1 };
}
