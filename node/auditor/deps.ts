import type { Feeds } from '../../feeds/client/mod.ts';
import type { Salted } from '../../feeds/records/mod.ts';
import type { Hex } from '../../feeds/trust/mod.ts';
import type { Engine, LoadedModel } from '../engine/mod.ts';
import type { Calibration } from '../audit/mod.ts';
import type { Rules } from '../network/mod.ts';
import type { Disclosed, Opening, TopkClaim } from '../payloads/mod.ts';
import type { Drafts } from './drafts.ts';

/** What this node keeps of answers that it gave or got, and how others' are fetched. */
export interface Payloads {
  /** The key of an attempt; null where it is not kept here. */
  keyOf(job: Hex, attempt: number): Uint8Array | null;
  /**
   * A transcript as whoever has it hands it out: nothing of it is believed before it was checked.
   * @param vocabulary ids are below it
   * @throws {NexusError} with a code that says why it cannot be had
   */
  fetch(
    from: Uint8Array,
    of: Salted,
    vocabulary: number,
    signal: AbortSignal,
  ): Promise<Pick<Disclosed, 'payload' | 'nonce'>>;
  /**
   * Candidates at positions of the whole answer, as its executor opens them: those that stand under
   * the root that it has signed.
   */
  openings(
    from: Uint8Array,
    of: Salted,
    claim: TopkClaim,
    positions: readonly number[],
    signal: AbortSignal,
  ): Promise<Opening[]>;
  /** Keeps an answer against which this audit speaks, for whoever is to see the evidence. */
  exhibit?(
    of: Salted,
    disclosed: Pick<Disclosed, 'payload' | 'nonce'>,
    openings: readonly Opening[],
  ): Promise<void>;
}

/** A model that can be audited here now. */
export interface Auditable {
  loaded: LoadedModel;
  /** Candidates a position: the profile's. */
  topK: number;
}

/** With what a node audits. */
export interface AuditDeps {
  /** Network id, 32 bytes. */
  network: Uint8Array;
  rules: Rules;
  /** This node's identity key. */
  me: Uint8Array;
  /** Its X25519 secret. */
  secret: Uint8Array;
  feeds: Pick<Feeds, 'read'>;
  append: Feeds['append'];
  engine: Pick<Engine, 'score'>;
  /** Null where its weights are not loaded. May take time: a class may have to be proven first. */
  modelOf(profile: Uint8Array, executorClass: Uint8Array): Promise<Auditable | null>;
  /** A calibration entry's table; null where it does not hold. */
  readTable(table: Uint8Array): Calibration | null;
  payloads: Payloads;
  drafts: Pick<Drafts, 'get' | 'keep' | 'drop' | 'subjects'>;
  now(): number;
  random(count: number): Uint8Array;
}
