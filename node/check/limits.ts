/** Bounds of the protocol; they belong to its version. */
export const CHECK_LIMITS = {
  /** Bytes of any message: what a channel takes at once. */
  messageBytes: 64 * 1024,
  /** Bytes of a record inside a message. */
  recordBytes: 32 * 1024,
  /** Bytes of a transcript in one message. */
  partBytes: 32 * 1024,
  /** Positions that one reason names. */
  positions: 16,
  code: 48,
  message: 512,
} as const;

/** Policy of an auditor that is asked directly. Times in milliseconds. */
export interface CheckRules {
  /** Checks that may wait, in all and of one peer, the running one included. */
  waiting: number;
  waitingPerPeer: number;
  /** Channels of one peer that may be open without having been accepted. */
  openPerPeer: number;
  /** A channel must bring its question, and after it the whole transcript, within this. */
  askMs: number;
  payloadMs: number;
  /** Between two signs of life of an auditor. */
  aliveMs: number;
  /** Reading a transcript takes no longer; users' answers go first. */
  workMs: number;
}

export const CHECK_RULES: CheckRules = {
  waiting: 8,
  waitingPerPeer: 2,
  openPerPeer: 4,
  askMs: 10_000,
  payloadMs: 30_000,
  aliveMs: 1000,
  workMs: 300_000,
};
