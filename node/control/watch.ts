import type { FingerprintRows } from './fingerprint_rows.ts';
import type { LedgerRows } from './ledger_rows.ts';
import type { CoreRow, EntryRow, FindingRow, NodeStatus, PeerRow } from './rows.ts';
import type { TrustRows } from './trust_rows.ts';

/** What happened in a node: `event` names it, docs/REFERENCE.md has the fields of each. */
export interface NodeEvent {
  event: string;
  /** Milliseconds since 1970. */
  at: number;
  [field: string]: unknown;
}

/**
 * What the method `watch` yields, in this order: one `snapshot`; then all that happens, as the node's
 * own events (`run-route`, `job-accepted`, …) and as changes to the rows of the snapshot. Folding the
 * whole stream gives the state of a dashboard at any moment; a recorded stream replays it.
 */
export type WatchEvent =
  | {
    event: 'snapshot';
    at: number;
    status: NodeStatus;
    peers: PeerRow[];
    cores: CoreRow[];
    /** The newest events before this moment, oldest first. Bounded. */
    history: NodeEvent[];
    /** The newest log entries, oldest first. Bounded. */
    entries: EntryRow[];
    /** Where the audits stand; null in a network without witnesses. */
    trust: TrustRows | null;
    /** The ledger; null in a network without money. */
    ledger: LedgerRows | null;
    /** Machines and their speed; absent in recordings of older versions. */
    fingerprints?: FingerprintRows;
  }
  /** The node in figures, when they changed; at most once a second. */
  | { event: 'status'; at: number; status: NodeStatus }
  /** Rows of peers that are new or changed, and keys of those that left; at most four times a second. */
  | { event: 'peers'; at: number; peers: PeerRow[]; gone: string[] }
  /** Heads that moved; at most four times a second. */
  | { event: 'cores'; at: number; cores: CoreRow[] }
  /** An entry of a log that is held here, own or replicated. */
  | { event: 'entry'; at: number; entry: EntryRow }
  /** What a replay found: sent whole, when it has changed. */
  | { event: 'findings'; at: number; findings: FindingRow[]; unresolved: number; digest: string }
  /** Where the audits stand, when it changed; at most once a second. */
  | { event: 'trust'; at: number; trust: TrustRows }
  /** The ledger, when it changed; at most once a second. */
  | { event: 'ledger'; at: number; ledger: LedgerRows }
  /** Machines and their speed, when something changed; at most once a second. */
  | { event: 'fingerprints'; at: number; fingerprints: FingerprintRows }
  | NodeEvent;
