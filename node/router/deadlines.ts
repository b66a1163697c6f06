import { type PeerStats, type Smoothed, START_TOKENS } from './stats.ts';

/** How long to wait for each step of an attempt, milliseconds. */
export interface Deadlines {
  /** Offer sent to accept or refusal. */
  acceptMs: number;
  /** Start of work to first token. */
  firstTokenMs: number;
  /** One token to the next, while the peer is alive. */
  interTokenMs: number;
  /** Silence of any kind, after which the peer counts as lost. */
  heartbeatMs: number;
}

/** A bound that adapts between a floor and a cap, milliseconds. */
export interface Bound {
  floor: number;
  cap: number;
}

/** Floors and caps; where nothing was measured the `unknown` values hold. */
export interface DeadlineRules {
  accept: Bound;
  /** The floor grows by `promptTokenMs` a prompt token. */
  firstToken: Bound & { unknown: number; promptTokenMs: number };
  interToken: Bound & { unknown: number };
  /** How often an executor says that it lives, and how many beats may be missed. */
  heartbeat: Bound & { unknown: number; everyMs: number; missed: number };
}

export const DEADLINE_RULES: DeadlineRules = {
  accept: { floor: 1500, cap: 5000 },
  // Generous: death is noticed by the heartbeat; this one finds an engine that hangs.
  firstToken: { floor: 4000, cap: 180_000, unknown: 15_000, promptTokenMs: 12 },
  interToken: { floor: 2500, cap: 30_000, unknown: 6000 },
  // 4 missed beats leave two thirds of a 1.5 s failover to the next executor's prefill.
  heartbeat: { floor: 400, cap: 5000, unknown: 800, everyMs: 100, missed: 4 },
};

/**
 * Deadlines from measurements: mean plus some deviations (RFC 6298 takes 4), within floor and cap.
 * @param rttMs round trip to the peer, null if unknown
 */
export function deadlines(
  stats: PeerStats,
  promptTokens: number,
  rttMs: number | null,
  rules: DeadlineRules = DEADLINE_RULES,
): Deadlines {
  const { accept, firstToken, interToken, heartbeat } = rules;
  const rtt = rttMs ?? 0;
  const firstMs = late(stats.firstPerToken, 8);
  const tokenMs = late(stats.token, 16);
  const silence = late(stats.silence, 6);
  return {
    acceptMs: within(accept, Math.max(3 * rtt, late(stats.accept, 6) ?? 0)),
    firstTokenMs: within(
      { ...firstToken, floor: firstToken.floor + firstToken.promptTokenMs * promptTokens },
      rtt + (firstMs === null ? firstToken.unknown : 2 * firstMs * (promptTokens + START_TOKENS)),
    ),
    interTokenMs: within(interToken, rtt + (tokenMs === null ? interToken.unknown : 2 * tokenMs)),
    heartbeatMs: within(
      heartbeat,
      // A lost packet comes again after a round trip or two, and what follows it waits.
      Math.max(heartbeat.missed * heartbeat.everyMs + 2 * rtt, silence ?? heartbeat.unknown),
    ),
  };
}

function late(measured: Smoothed | null, deviations: number): number | null {
  return measured && measured.mean + deviations * measured.deviation;
}

function within(bound: Bound, value: number): number {
  return Math.min(bound.cap, Math.max(bound.floor, value));
}
