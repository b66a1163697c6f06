/**
 * Whom to ask: filters, scores with their reasons, weighted choice, and how long to wait. Pure.
 * @module
 */
export {
  type Candidate,
  type Load,
  type Offered,
  type Ranked,
  type Reason,
  type RejectCode,
  type Rejected,
  ROUTER_RULES,
  type RouteRequest,
  type RouterRules,
  type Speed,
  type SpeedSource,
  type Standing,
  type Where,
} from './types.ts';
export { rank, type Ranking } from './rank.ts';
export {
  expectedFirstMs,
  failuresAt,
  NO_STATS,
  type Observation,
  observe,
  type PeerStats,
  type Smoothed,
  tokensPerSecond,
} from './stats.ts';
export { StatsBook } from './book.ts';
export {
  type Bound,
  DEADLINE_RULES,
  type DeadlineRules,
  type Deadlines,
  deadlines,
} from './deadlines.ts';
