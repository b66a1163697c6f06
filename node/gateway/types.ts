import type { NodeEvent, RunRequest } from '../control/mod.ts';
import type { RunEvent } from '../daemon/mod.ts';
import type { GatewayAdmission } from './admission.ts';
import type { GatewayLimits } from './limits.ts';

/** A model that can be asked for, here or at a peer. */
export interface GatewayModel {
  name: string;
  /** Profile id, hexadecimal. */
  profile: string;
  /** Tokens of prompt and answer together. */
  contextSize: number;
  /** Who serves it: this node, so many peers. */
  local: boolean;
  peers: number;
}

/** What the gateway needs of a node. */
export interface GatewayNode {
  readonly key: string;
  run(request: RunRequest, signal: AbortSignal): AsyncGenerator<RunEvent, void, void>;
  /** Models that a prompt of this node may be answered by now. */
  models(): Promise<GatewayModel[]>;
  /** The file of a kept receipt; null where there is none. @param job id in hexadecimal */
  receipt(job: string): Promise<Uint8Array | null>;
  /** The most that an answer may cost by the prices of now; null where nothing costs anything. */
  quote(request: Omit<RunRequest, 'model'>, model: GatewayModel): Quote | null;
  /** Whether a prompt could be answered now, and why not. */
  readiness(): { ready: boolean; detail: string };
  /** Figures of this moment: peers, jobs. */
  figures(): { peers: number; active: number; queued: number; slots: number };
  /** Calls the listener for each event of the node until the returned function is called. */
  on(listener: (event: NodeEvent) => void): () => void;
}

/** The most that an answer may cost: micro-NCU for its prompt, and for each output token. */
export interface Quote {
  prompt: number;
  token: number;
  maxTokens: number;
}

/** Limits of one key; null: none of its own. */
export interface KeyLimits {
  requestsPerMinute: number | null;
  /** Prompt and output together. */
  tokensPerMinute: number | null;
  /** Streams at once. */
  concurrent: number | null;
  /** micro-NCU a day (UTC) that its answers may cost. */
  ncuPerDay: number | null;
}

/** What keys have spent in a day. */
export interface KeyUsage {
  /** Days since 1970, UTC. */
  day: number;
  /** micro-NCU by key id. */
  used: Record<string, number>;
}

/** Keeps {@link KeyUsage} over restarts. */
export interface UsageStore {
  /** Null: nothing was spent yet. */
  load(): Promise<KeyUsage | null>;
  /** Soon, and after the one before; of many at once the last one counts. */
  save(usage: KeyUsage): void;
  /** Resolves when all is saved. */
  flush(): Promise<void>;
}

/** A key as it is kept: of the secret only a hash. */
export interface ApiKey {
  /** Short, shown in lists and logs. */
  id: string;
  name: string;
  /** SHA-256 of the secret, hexadecimal. The secret has 256 random bits: nothing slower is needed. */
  hash: string;
  /** Milliseconds since 1970. */
  created: number;
  /** The same, from when on it is refused; null: never. */
  expires: number | null;
  limits: KeyLimits;
}

/** The keys that are known; the file is read again when it changes. */
export interface KeyBook {
  /** How many keys there are. */
  size(): Promise<number>;
  /** The key of a secret, compared in constant time; null: none. */
  find(secret: string): Promise<ApiKey | null>;
  /** Ids of all keys. */
  ids(): Promise<ReadonlySet<string>>;
}

/** How the gateway is to work. */
export interface GatewayOptions {
  hostname: string;
  /** 0: any free one. */
  port: number;
  /** Web origins that a browser's page may call from; `*`: all. */
  origins: readonly string[];
  keys: KeyBook;
  /** Who may get a key by a proof; absent: nobody. */
  admission?: GatewayAdmission;
  /** Without it, what keys have spent is forgotten when the gateway closes. */
  usage?: UsageStore;
  /** Told once a request has ended, whatever its end. */
  onRequest?: (log: RequestLog) => void;
  /** Told what went wrong in the gateway itself; clients learn nothing of it. */
  onFault?: (thrown: unknown) => void;
  limits?: Partial<GatewayLimits>;
}

/** One request as it is logged: who, what, how it went. Never the text. */
export interface RequestLog {
  at: number;
  method: string;
  path: string;
  status: number;
  /** Id of the key, null: none was asked for. */
  key: string | null;
  model: string | null;
  executor: string | null;
  job: string | null;
  promptTokens: number | null;
  outputTokens: number | null;
  /** Cost of its answers, micro-NCU; null where nothing costs anything. */
  ncu: number | null;
  firstTokenMs: number | null;
  totalMs: number;
  tokensPerSecond: number | null;
  /** Finish reason, or code of the error; `ok` where neither applies. */
  outcome: string;
}
