/**
 * A requester's own audit: an answer is handed to a node that the requester draws itself, which
 * reads it once more and says what it finds. Nothing of it is logged, nobody else is told.
 *
 * ```ts
 * const checker = new Checker({ network, self, refuse, check });
 * feeds.serve(CHECK_PROTOCOL, (channel) => checker.handle(channel));
 * // elsewhere
 * const channel = await feeds.open(auditor, { protocol: CHECK_PROTOCOL, id, handshake, signal });
 * const { finding } = await askAuditor(channel, ask, encodePayload(payload), show, signal);
 * ```
 * @module
 */
export {
  type Ask,
  CHECK_PROTOCOL,
  CHECK_VERSION,
  type Checked,
  type CheckMessage,
  decodeCheck,
  encodeCheck,
  type Objection,
} from './wire.ts';
export { CHECK_LIMITS, CHECK_RULES, type CheckRules } from './limits.ts';
export { type ClaimContext, seedOfPayload, type Signed, signedOf } from './claim.ts';
export { examine, type Reader, type Transcript } from './examine.ts';
export { Checker, type CheckerDeps, type CheckerEvent } from './server.ts';
export { askAuditor, type CheckProgress } from './client.ts';
