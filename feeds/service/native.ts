/**
 * The one door to the Holepunch packages, which carry no types: only what is used here.
 * @module
 */
import CorestoreModule from 'corestore';
import HypercoreModule from 'hypercore';
import CryptoModule from 'hypercore-crypto';
import HyperDhtModule from 'hyperdht';
import HyperswarmModule from 'hyperswarm';
import ProtomuxModule from 'protomux';
import c from 'compact-encoding';

export interface KeyPair {
  publicKey: Uint8Array;
  secretKey: Uint8Array;
}

export interface Emitter {
  // deno-lint-ignore no-explicit-any -- events of untyped packages
  on(event: string, listener: (...args: any[]) => void): this;
  // deno-lint-ignore no-explicit-any
  once(event: string, listener: (...args: any[]) => void): this;
  // deno-lint-ignore no-explicit-any
  off(event: string, listener: (...args: any[]) => void): this;
}

export interface Manifest {
  version: number;
  quorum?: number;
  hash?: string;
  signers: { publicKey: Uint8Array }[];
  prologue?: { hash: Uint8Array; length: number } | null;
}

export interface CorePeer {
  remoteLength: number;
  remoteFork: number;
  remoteContiguousLength: number;
}

export interface Download {
  done(): Promise<void>;
  destroy(): void;
}

export interface Core extends Emitter {
  key: Uint8Array;
  discoveryKey: Uint8Array;
  length: number;
  byteLength: number;
  fork: number;
  contiguousLength: number;
  manifest: Manifest | null;
  closing: Promise<void> | null;
  peers: CorePeer[];
  state: {
    length: number;
    fork: number;
    signature: Uint8Array | null;
    storage: {
      read(): { getTreeNode(index: number): Promise<TreeNode | null>; tryFlush(): void };
    };
  };
  core: {
    bitfield: {
      countSet(start: number, length: number): number;
      /** -1 if there is none. */
      findFirst(held: boolean, from: number): number;
    };
  };
  ready(): Promise<void>;
  close(): Promise<void>;
  append(blocks: Uint8Array[]): Promise<{ length: number }>;
  get(index: number, options?: { wait?: boolean }): Promise<Uint8Array | null>;
  has(start: number, end?: number): Promise<boolean>;
  clear(start: number, end: number): Promise<unknown>;
  update(options?: { wait?: boolean }): Promise<boolean>;
  download(range: { start?: number; end?: number; linear?: boolean }): Download;
  treeHash(length?: number): Promise<Uint8Array>;
  getManifest(options: { raw: boolean }): Uint8Array | null;
  proof(options: unknown): Promise<CoreProof>;
  setUserData(key: string, value: Uint8Array): Promise<void>;
  getUserData(key: string): Promise<Uint8Array | null>;
}

/** An unsettled tree of a proof; opaque here. */
export interface CoreProof {
  fork: number;
  block: { index: number; value: Uint8Array; nodes: unknown[] } | null;
  upgrade: unknown;
  manifest?: Manifest | null;
}

export interface CoreOptions {
  key?: Uint8Array;
  name?: string;
  keyPair?: KeyPair;
  manifest?: Manifest;
  active?: boolean;
  allowFork?: boolean;
  writable?: boolean;
}

export interface Store {
  storage: {
    db: { flush(): Promise<void> };
    hasCore(discoveryKey: Uint8Array): Promise<boolean>;
    getAuth(
      discoveryKey: Uint8Array,
    ): Promise<{ key: Uint8Array; manifest: Manifest | null } | null>;
  };
  ready(): Promise<void>;
  close(): Promise<void>;
  get(options: CoreOptions): Core;
  list(namespace?: Uint8Array): AsyncIterable<Uint8Array>;
  replicate(connection: Connection): unknown;
  staticify(core: Core): Promise<Core>;
}

export interface Connection extends Emitter {
  publicKey: Uint8Array;
  remotePublicKey: Uint8Array;
  isInitiator: boolean;
  destroyed: boolean;
  destroying: boolean;
  rawBytesRead: number;
  rawStream: { remoteHost?: string; remotePort?: number };
  end(): void;
  destroy(error?: Error): void;
}

export interface MuxMessage {
  send(message: Uint8Array): boolean;
}

export interface MuxChannel {
  opened: boolean;
  closed: boolean;
  messages: MuxMessage[];
  open(handshake: Uint8Array): void;
  close(): void;
}

export interface Mux {
  pair(name: { protocol: string; id?: Uint8Array | null }, notify: (id: Uint8Array) => void): void;
  unpair(name: { protocol: string; id?: Uint8Array | null }): void;
  createChannel(options: {
    protocol: string;
    id?: Uint8Array | null;
    handshake: unknown;
    messages: { encoding: unknown; onmessage: (message: Uint8Array) => void }[];
    onopen: (handshake: Uint8Array) => void;
    onclose: (isRemote: boolean) => void;
  }): MuxChannel | null;
}

export interface Query extends AsyncIterable<{ peer: { publicKey: Uint8Array } }> {
  successes: number;
  errors: number;
  destroy(): void;
  finished(): Promise<void>;
}

export interface Dht extends Emitter {
  bootstrapped: boolean;
  firewalled: boolean;
  destroyed: boolean;
  online: boolean;
  degraded: boolean;
  nodes: { length: number };
  fullyBootstrapped(): Promise<void>;
  findPeer(publicKey: Uint8Array): Query;
  address(): { host: string; port: number };
  refresh(): void;
  destroy(options?: { force?: boolean }): Promise<void>;
}

export interface Discovery {
  discovery: { _closestNodes: unknown[] | null };
  refresh(options?: { server?: boolean; client?: boolean }): Promise<boolean>;
  flushed(): Promise<boolean>;
  destroy(): Promise<void>;
}

export interface Swarm extends Emitter {
  dht: Dht;
  maxPeers: number;
  connections: Set<Connection>;
  /** Also those still dialling. */
  _allConnections: { get(publicKey: Uint8Array): Connection | undefined };
  join(topic: Uint8Array, options: { server: boolean; client: boolean }): Discovery;
  joinPeer(publicKey: Uint8Array): void;
  leavePeer(publicKey: Uint8Array): void;
  destroy(options?: { force?: boolean }): Promise<void>;
}

interface DhtOptions {
  bootstrap?: { host: string; port: number }[];
  host?: string;
  port?: number;
  ephemeral?: boolean;
  firewalled?: boolean;
  anyPort?: boolean;
}

export const Corestore = CorestoreModule as unknown as new (storage: Store['storage']) => Store;
export const Hypercore = HypercoreModule as unknown as {
  /** The storage that Corestore makes by itself where it is given a folder. */
  defaultStorage(
    folder: string,
    options: { writeBufferSize?: number; readOnly?: boolean },
  ): Store['storage'];
  key(manifest: Manifest): Uint8Array;
  discoveryKey(key: Uint8Array): Uint8Array;
  treeHashFromStorage(core: Core, length: number): Promise<Uint8Array>;
};
/** A node of a core's Merkle tree. */
export interface TreeNode {
  index: number;
  size: number;
  hash: Uint8Array;
}
export const Crypto = CryptoModule as unknown as {
  data(block: Uint8Array): Uint8Array;
  parent(left: TreeNode, right: TreeNode): Uint8Array;
  tree(roots: TreeNode[]): Uint8Array;
};
export const HyperDht = HyperDhtModule as unknown as {
  new (options: DhtOptions): Dht;
  bootstrapper(port: number, host: string, options: DhtOptions): Dht;
  keyPair(seed: Uint8Array): KeyPair;
};
export const Hyperswarm = HyperswarmModule as unknown as new (options: {
  keyPair: KeyPair;
  dht: Dht;
  maxPeers?: number;
  maxParallel?: number;
}) => Swarm;
export const Protomux = ProtomuxModule as unknown as { from(connection: Connection): Mux };
/** Bytes as they are, to the end of the frame. */
export const rawBytes: unknown = c.raw;
