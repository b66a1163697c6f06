import type { NexusError } from '../../feeds/base/mod.ts';
import type { JobMeter } from '../../fingerprint/energy/mod.ts';
import type { Channel, Feeds } from '../../feeds/client/mod.ts';
import type { JobRecord, Salted, SeenHead, Signer } from '../../feeds/records/mod.ts';
import type { Engine } from '../engine/mod.ts';
import type { BuiltTopk, Candidates, Kept } from '../payloads/mod.ts';
import type { Offered, StatsBook } from '../router/mod.ts';
import type { AttemptStore } from './attempts.ts';
import type { Served } from './check.ts';
import type { Clock } from './clock.ts';
import type { ExecutorEvent } from './events.ts';
import type { Purse } from './purse.ts';
import type { JobRules } from './rules.ts';

/** What both ends of a job need of their node. */
export interface JobDeps {
  /** Own logs. */
  feeds: Pick<Feeds, 'append'>;
  /** Signs with the node's identity key. */
  signer: Signer;
  /** Network id, 32 bytes. */
  network: Uint8Array;
  rules?: JobRules;
  clock?: Clock;
  /** Newest heads of other logs that this node has seen, for the causal web. */
  heads?: () => SeenHead[];
  /** Keeps what an audit of an attempt needs; it must not throw. */
  keep?: (kept: Kept) => void;
  /** What can be paid; by default nothing costs anything. */
  purse?: Purse;
}

/** What `serveJobs` needs. */
export interface ExecutorDeps extends JobDeps {
  engine: Pick<Engine, 'generate'>;
  /** What is served at this moment; asked for each offer. */
  offerings: () => readonly Served[];
  /**
   * Policy beyond the protocol: members, bans, credit. Null takes the job; an error refuses it with
   * its code.
   */
  admit?: (job: JobRecord) => NexusError | null;
  /** Keeps the attempts that were taken: none is done again. By default a restart forgets them. */
  attempts?: AttemptStore;
  onEvent?: (event: ExecutorEvent) => void;
  /** Builds the commitments to candidates; null for an attempt whose artifact goes without. */
  topk?: (of: Salted, resumeAt: number) => TopkBuilder | null;
  /** Follows what decoding takes: called when it begins, with the profile's id in hexadecimal. */
  meter?: (profile: string) => JobMeter;
}

/** Collects what the tokens of one attempt are drawn from, and commits to it after the last one. */
export interface TopkBuilder {
  /** Takes the candidates of the next output token. */
  push(candidates: Candidates): void;
  /** All that was pushed, with the tree over it; null where there is none. Rejects never. */
  finish(): Promise<BuiltTopk | null>;
}

/** How to open a job's channel: what `Feeds.open` takes beside the peer and the protocol. */
export interface DialOptions {
  id: Uint8Array;
  handshake: Uint8Array;
  signal: AbortSignal;
}

/** What `runJob` needs. */
export interface RequesterDeps extends JobDeps {
  /** The vocabulary of the profile must be loaded. */
  engine: Pick<Engine, 'tokenizeChat' | 'tokenizeText' | 'textStream'>;
  /**
   * Executors of a profile as known now, this node's own one included (`isLocal`). Asked again
   * after each failure. `prompt`: its token ids, for the prefix affinity.
   */
  candidates: (
    profile: Uint8Array,
    prompt: readonly number[],
  ) => readonly Offered[] | Promise<readonly Offered[]>;
  /** `feeds.open(executor, { protocol: JOB_PROTOCOL, … })`, or `JobServer.connect` where local. */
  dial: (candidate: Offered, options: DialOptions) => Promise<Channel>;
  /** Kept over all jobs of this node. */
  stats: StatsBook;
  /** Uniform in [0, 1): the router's choice. */
  random?: () => number;
  /** Secret random bytes: nonce and job key. */
  randomBytes?: (length: number) => Uint8Array;
}
