import type { NexusError } from '../base/mod.ts';
import type { BlockProof, HeadEvidence, SignedHead } from '../proof/mod.ts';
import type { IdentityRecord, LogName } from '../records/mod.ts';

export type { BlockProof, SignedHead };

/** A block as read; `value` is null where it is not held here (cleared or never replicated). */
export interface Block {
  index: number;
  value: Uint8Array | null;
}

/** A core as it is here. */
export interface CoreState {
  key: Uint8Array;
  /** Newest signed length that is known here. */
  length: number;
  /** 0 in an honest log. */
  fork: number;
  /** Of all blocks up to `length`, held or not. */
  bytes: number;
  /** Blocks that are held here. */
  held: number;
  treeHash: Uint8Array;
}

/** Blocks `[from, length)` of a core under the tree of that length. */
export interface CoreSpan {
  core: Uint8Array;
  from: number;
  length: number;
  treeHash: Uint8Array;
}

/** The first blocks of a log from some block on. */
export interface Prefix {
  bytes: number;
  /** Of the core at that length. */
  treeHash: Uint8Array;
}

/** One conversation with one peer: framed messages, ordered, with flow control of its own. */
export interface Channel extends AsyncIterable<Uint8Array> {
  /** The peer's identity key (its Noise key). */
  readonly peer: Uint8Array;
  readonly protocol: string;
  readonly id: Uint8Array;
  /** What the peer sent when it opened its end. */
  readonly handshake: Uint8Array;
  /** Resolves when the message was taken into the bounded window towards the peer. */
  send(message: Uint8Array): Promise<void>;
  /** Iterating ends when the peer closed; it throws `PEER_LOST` when the connection died. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>;
  close(): Promise<void>;
}

export type Transport = 'direct' | 'holepunched' | 'relayed' | 'loopback';

/** A connected and admitted peer. */
export interface PeerInfo {
  key: Uint8Array;
  identity: IdentityRecord;
  transport: Transport;
  /** Measured round trip in milliseconds, null before the first measurement. */
  rttMs: number | null;
  /** The last announcement that it sent (opaque here), if any. */
  announcement: Uint8Array | null;
  connectedAt: number;
}

export type FeedsEvent =
  | { type: 'peer'; peer: PeerInfo }
  | { type: 'peer-lost'; key: Uint8Array; reason: string }
  | { type: 'announcement'; key: Uint8Array; announcement: Uint8Array }
  | { type: 'rtt'; key: Uint8Array; rttMs: number }
  | { type: 'refused'; key: Uint8Array; error: NexusError; byUs: boolean }
  | { type: 'unreachable'; key: Uint8Array | null; error: NexusError }
  | { type: 'network'; state: 'online' | 'offline' | 'announced' | 'not-announced'; detail: string }
  | { type: 'membership'; document: Uint8Array }
  /** Blocks were appended or have arrived; at most four times a second for each core. */
  | { type: 'head'; head: CoreState }
  | { type: 'service'; state: 'up' | 'down' | 'restarting'; detail: string }
  | {
    type: 'misconduct';
    core: Uint8Array;
    kind: 'fork' | 'conflict' | 'truncated';
    detail: string;
    /** Identity that the core names as its owner in its first block; null if that is not held. */
    offender: Uint8Array | null;
    /** Signatures and manifests that prove it to anybody; null where they could not be had. */
    evidence: HeadEvidence | null;
  };

/** How the service is to join a network. All of it is decided on the Deno side. */
export interface JoinOptions {
  /** Id of the network (hash of its file). */
  network: Uint8Array;
  /** 32-byte topics to announce and look up on. */
  topics: Uint8Array[];
  announce: boolean;
  /** Identities admitted; null admits everybody who is not banned (an open network). */
  members: Uint8Array[] | null;
  banned: Uint8Array[];
  maxPeers: number;
  /** The newest signed member list, handed to peers at the handshake; null on open networks. */
  membership: Uint8Array | null;
}

/** Progress of a blob transfer, bytes. */
export interface Progress {
  done: number;
  total: number;
}

/**
 * The Deno side of the feeds service. Every call takes a signal where it can wait; failures are
 * {@link NexusError}s with stable codes, also across the process boundary.
 */
export interface Feeds extends AsyncDisposable {
  /** This identity's record: keys of its three cores. */
  readonly identity: IdentityRecord;
  /** Process id of the service, null while it is being restarted. */
  readonly pid: number | null;
  readonly events: AsyncIterable<FeedsEvent>;
  /** Appends to one of the own logs; resolves when written. Returns the index of the first block. */
  append(log: LogName, blocks: Uint8Array[]): Promise<{ index: number; length: number }>;
  /** Newest signed head of a core that is held here (own or replicated). */
  head(core: Uint8Array): Promise<SignedHead>;
  /** Blocks `[start, end)` in order, read in batches; `end` defaults to the current length. */
  read(
    core: Uint8Array,
    options?: { start?: number; end?: number; signal?: AbortSignal },
  ): AsyncIterable<Block>;
  prove(core: Uint8Array, index: number): Promise<BlockProof>;
  /** Keys of all cores held here. */
  cores(): Promise<Uint8Array[]>;
  /** The same cores with how far each is here. */
  states(): Promise<CoreState[]>;
  /** For each: true if all of its blocks are here, and no other history of its core. At most 4096. */
  holds(spans: CoreSpan[]): Promise<boolean[]>;
  /** For each: its bytes and the tree of its length; null where it is not known. At most 4096. */
  prefixes(spans: Omit<CoreSpan, 'treeHash'>[]): Promise<(Prefix | null)[]>;
  /** Keeps these cores replicated from peers (within the disk quota). */
  follow(cores: Uint8Array[]): Promise<void>;
  /** Waits until the peers' newest blocks of a followed core are here. */
  update(core: Uint8Array, signal?: AbortSignal): Promise<SignedHead>;
  join(options: JoinOptions): Promise<void>;
  leave(): Promise<void>;
  announce(announcement: Uint8Array): Promise<void>;
  peers(): Promise<PeerInfo[]>;
  /** Connects to an identity; fails within the bound with peer, stage and remedy. */
  connect(peer: Uint8Array, signal?: AbortSignal): Promise<PeerInfo>;
  open(
    peer: Uint8Array,
    options: { protocol: string; id: Uint8Array; handshake: Uint8Array; signal?: AbortSignal },
  ): Promise<Channel>;
  /** Serves a protocol: the handler owns each channel that a peer opens. */
  serve(protocol: string, handler: (channel: Channel) => void): void;
  /** Offers a file as a blob; returns the key of its core. */
  share(path: string): Promise<Uint8Array>;
  /** Fetches a blob of at most `maxBytes` into a file. The caller checks its hash. */
  fetch(
    core: Uint8Array,
    path: string,
    options: { maxBytes: number; signal?: AbortSignal; onProgress?: (p: Progress) => void },
  ): Promise<void>;
  /** Says goodbye to peers, flushes and ends the service. */
  close(): Promise<void>;
}
