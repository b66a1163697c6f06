/** What a demonstration tells, in this order; `nexus demo --json` prints these. Keys are hex. */
export type DemoEvent =
  | { event: 'start'; nodes: number }
  /** A node is ready; `pids` are its processes. */
  | {
    event: 'node';
    number: number;
    key: string;
    pids: Record<string, number>;
    readyMs: number;
  }
  /** All of them are connected with the one that asks. */
  | { event: 'mesh'; asker: string; connectedMs: number }
  /** One of many answers that were asked for at once. */
  | {
    event: 'answer';
    job: string;
    node: number;
    executor: string;
    tokens: number;
    totalMs: number;
    text: string;
  }
  /** The answer in the middle of which the node that writes it is killed. */
  | { event: 'prompt'; text: string; node: number; executor: string }
  | { event: 'token'; text: string; node: number }
  | { event: 'kill'; node: number; executor: string; tokens: number }
  /** Another node goes on. `gapMs`: from the kill to its first token. */
  | {
    event: 'failover';
    from: number;
    to: number;
    executor: string;
    tokens: number;
    gapMs: number;
  }
  | { event: 'check'; name: 'text' | 'audit' | 'receipt' | 'forgery'; ok: boolean; detail: string }
  | ({ event: 'demo' } & DemoSummary);

/** The figures of a demonstration. */
export interface DemoSummary {
  /** True if all checks passed and a failover was seen. */
  ok: boolean;
  nodes: number;
  jobs: number;
  /** Output tokens of all jobs. */
  tokens: number;
  /** Of the jobs that ran at once, all together. */
  tokensPerSecond: number;
  /** From the kill to the next token; null if the answer was over before it took effect. */
  failoverMs: number | null;
  /** The answer that was disturbed equals one that was not. */
  sameText: boolean;
  /** Log entries replayed, inconsistencies found, digest of the replay (hex). */
  entries: number;
  findings: number;
  digest: string;
  /** The receipt of the disturbed answer holds, and a forged one does not. */
  receipt: boolean;
  totalMs: number;
}
