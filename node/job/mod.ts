/**
 * One job between two nodes: the offer, the stream with its acknowledgements and digests, the
 * commitments, the failover. {@link runJob} is the requester's end, {@link serveJobs} the executor's.
 * @module
 */
export { runJob } from './requester.ts';
export { chosenCandidate } from './candidate.ts';
export type { JobRequest } from './request.ts';
export { type JobServer, serveJobs } from './executor.ts';
export type { DialOptions, ExecutorDeps, JobDeps, RequesterDeps, TopkBuilder } from './deps.ts';
export type {
  AttemptReceipt,
  Considered,
  ExecutorEvent,
  JobEvent,
  ReceiptParts,
} from './events.ts';
export type { Served } from './check.ts';
export { costOf, type Purse, type Spending, type TokenCosts } from './purse.ts';
export { type Clock, systemClock } from './clock.ts';
export { ackPatience, JOB_RULES, type JobRules, jobRules, type NetworkJobRules } from './rules.ts';
export { type ChannelPair, channelPair, type PairOptions } from './pair.ts';
export { ATTEMPT_NAME_BYTES, attemptName, type AttemptStore } from './attempts.ts';
export { channelId, prepareJob, roomFor } from './offer.ts';
export { type Rate, RateMeter } from './rate.ts';
export {
  decodeMessage,
  encodeMessage,
  JOB_PROTOCOL,
  JOB_VERSION,
  type JobMessage,
} from './wire.ts';
