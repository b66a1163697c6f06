import type { LogRecord } from '../records/mod.ts';
import type { Entry } from './entries.ts';
import type { Key } from './keys.ts';
import type { Log } from './log.ts';
import type { Finding, SignatureMode } from './types.ts';
import type { Verdicts } from './verdicts.ts';
import type { Voting } from './voting.ts';

/** The longest length of a log that any entry says its writer had seen. */
export interface Seen {
  length: number;
  log: Log;
  index: number;
}

/** Everything folded so far. */
export interface ReplayState {
  readonly signatures: SignatureMode;
  /** Blocks read. */
  read: number;
  readonly logs: Map<Key, Log>;
  /** Entries by job id, of all its attempts. */
  readonly jobs: Map<Key, Entry[]>;
  /** Entries that belong to no attempt. */
  readonly others: { log: Log; index: number; type: LogRecord['type'] }[];
  readonly seen: Map<Key, Seen>;
  /** What witnesses said. */
  readonly voting: Voting;
  /** What auditors said. */
  readonly verdicts: Verdicts;
  /** What was found on arrival. */
  readonly findings: Finding[];
}
