/** Jobs in progress and waiting. */
export interface LoadRow {
  active: number;
  queued: number;
  slots: number;
}

/** A model that this node serves. */
export interface ModelRow {
  name: string;
  /** Profile id, hexadecimal. */
  profile: string;
  /** micro-NCU a token. */
  price: number;
  /** Determinism class, hexadecimal. */
  class: string;
  determinism: string;
  threads: number;
  load: LoadRow;
}

/** A node in figures. */
export interface NodeStatus {
  /** Identity key, hexadecimal. */
  key: string;
  home: string;
  version: string;
  network: { name: string; id: string };
  /** null: in no mesh. */
  mesh: { state: string; detail: string } | null;
  roles: string[];
  /** Connected peers. */
  peers: number;
  /** Jobs that this node works on for others. */
  sessions: number;
  /** It takes no new jobs. */
  draining: boolean;
  /** Milliseconds since 1970. */
  startedAt: number;
  pids: { node: number; engine: number | null; feeds: number | null };
  models: ModelRow[];
  /** Address of the HTTP gateway, null where there is none. */
  http: string | null;
}

/** A connected peer and what it says of itself. Names are its own words: show them sanitised. */
export interface PeerRow {
  key: string;
  name: string | null;
  rttMs: number | null;
  transport: string;
  /** What it claims to be made of. */
  hardware: string | null;
  /** Its announcement has not expired. */
  fresh: boolean;
  load: LoadRow | null;
  draining: boolean;
  models: { name: string; profile: string; price: number; warm: boolean }[];
  /** Measured by this node over its own jobs; null before. */
  tokensPerSecond: number | null;
  firstTokenMs: number | null;
  /** Recent failures, decayed: 1 is one fresh failure. */
  failures: number;
  /** Why this node does not ask it, since checks of its answers found something; null where it does. */
  distrusted?: string | null;
  /** Milliseconds since 1970. */
  connectedAt: number;
  seenAt: number;
}

/** A log that is held here, whole or in part. */
export interface CoreRow {
  /** Key of the core. */
  key: string;
  /** Identity that writes it; null while its first block is not here. */
  owner: string | null;
  /** `jobs`, `artifacts` or `attestations`; null while not known. */
  log: string | null;
  own: boolean;
  /** Signed length that is known here. */
  length: number;
  /** Entries up to `length` that are not held here. */
  lag: number;
  /** 0 in an honest log. */
  fork: number;
  bytes: number;
  treeHash: string;
}

/** A decoded entry, or the reason why it is none. */
export interface EntryRow {
  core: string;
  owner: string | null;
  log: string | null;
  index: number;
  /** Record type, e.g. `job`; null: not decodable. */
  type: string | null;
  /** Writer's clock where the record has one, else null. Milliseconds since 1970. */
  at: number | null;
  /** Id of the job that it is about. */
  job: string | null;
  /** Its fields for people: bytes as hexadecimal, long ones cut. */
  fields: Record<string, unknown>;
  bytes: number;
  /** Code of what is wrong with it. */
  error: string | null;
}

/** An inconsistency, as `nexus audit` tells it. */
export interface FindingRow {
  code: string;
  core: string;
  index: number | null;
  detail: string;
}
