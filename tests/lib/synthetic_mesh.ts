import { SyntheticLedger } from './synthetic_ledger.ts';
import { SyntheticPrints } from './synthetic_prints.ts';
import { SyntheticTrust } from './synthetic_trust.ts';
import type { CoreRow, EntryRow, NodeStatus, PeerRow, WatchEvent } from '../../node/control/mod.ts';

/** Names as people give them, and as an adversary would. */
export const NAMES = [
  'desktop',
  '東京の計算機',
  'büro-größe',
  '🦊 fox',
  '👨‍👩‍👧 family',
  'e\u0301\u0301\u0301\u0301\u0301\u0301 heap',
  '\u001b[2J\u001b[31mred\u001b[0m',
  '\u202egnol si ti\u202c',
  'tab\tand\nline',
  '한국어 노드',
];

const MODELS = ['smollm2-135m', 'qwen3-8b', 'llama-3.3-70b', 'austen-3.7m'];
const LOGS = ['jobs', 'artifacts', 'attestations'];

/** Numbers that look random and are the same each time (mulberry32). */
export function randomOf(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Running {
  job: string;
  own: boolean;
  executor: string;
  tokens: number;
  attempt: number;
}

/** A mesh that is not there: what a node in its middle would tell a dashboard. */
export class SyntheticMesh {
  readonly #random: () => number;
  readonly #key: string;
  readonly #peers: PeerRow[];
  readonly #cores: CoreRow[];
  readonly #startedAt: number;
  readonly #trust: SyntheticTrust;
  readonly #ledger: SyntheticLedger;
  readonly #prints: SyntheticPrints;
  #running: Running[] = [];

  constructor(peers: number, startedAt: number, seed = 1) {
    this.#random = randomOf(seed);
    this.#startedAt = startedAt;
    this.#key = this.#hex();
    this.#peers = Array.from({ length: peers }, (_, i) => this.#peer(i));
    this.#cores = [this.#key, ...this.#peers.map(({ key }) => key)].flatMap((owner) =>
      LOGS.map((log) => this.#core(owner, log))
    );
    const keys = this.#peers.map(({ key }) => key);
    this.#trust = new SyntheticTrust(this.#key, keys, randomOf(seed + 1));
    this.#ledger = new SyntheticLedger(this.#key, keys, startedAt, randomOf(seed + 2));
    this.#prints = new SyntheticPrints(this.#key, keys, startedAt, randomOf(seed + 3));
  }

  snapshot(at: number): WatchEvent {
    const { status, peers, cores } = this;
    const trust = this.#trust.rows();
    const ledger = this.#ledger.rows();
    const fingerprints = this.#prints.rows();
    const told = { status, peers, cores, trust, ledger, fingerprints };
    return { event: 'snapshot', at, ...told, history: [], entries: [] };
  }

  get status(): NodeStatus {
    return {
      key: this.#key,
      home: '/home/somebody/.local/share/nexus',
      version: '0.1.0',
      network: { name: 'synthetic', id: '00'.repeat(32) },
      mesh: { state: 'announced', detail: '' },
      roles: ['executor', 'requester'],
      peers: this.#peers.length,
      sessions: 2,
      draining: false,
      startedAt: this.#startedAt,
      pids: { node: 1, engine: 2, feeds: 3 },
      models: [],
      http: null,
    };
  }

  get peers(): PeerRow[] {
    return this.#peers;
  }

  get cores(): CoreRow[] {
    return this.#cores;
  }

  /** The next thing that happens. */
  next(at: number): WatchEvent {
    const dice = this.#random();
    if (dice < 0.0005 && this.#peers.length > 0) {
      this.#trust.cut();
      return { event: 'trust', at, trust: this.#trust.rows()! };
    }
    if (dice < 0.001 && this.#peers.length > 0) {
      this.#ledger.cut(at);
      return { event: 'ledger', at, ledger: this.#ledger.rows()! };
    }
    if (dice < 0.0012) {
      this.#prints.cut(at);
      return { event: 'fingerprints', at, fingerprints: this.#prints.rows() };
    }
    if (dice < 0.004) return this.#peersChange(at);
    if (dice < 0.008) return this.#coresChange(at);
    if (dice < 0.4) return { event: 'entry', at, entry: this.#entry(at) };
    if (dice < 0.5 || this.#running.length === 0) return this.#begin(at);
    const index = this.#below(this.#running.length);
    const job = this.#running[index]!;
    if (dice < 0.51 && job.own) return this.#failover(job, at);
    if (dice < 0.6) {
      this.#running.splice(index, 1);
      return this.#end(job, at);
    }
    job.tokens += 1 + this.#below(20);
    const { job: id, attempt, tokens } = job;
    const tokensPerSecond = 20 + this.#random() * 60;
    return job.own ? { event: 'run-rate', at, job: id, tokens, tokensPerSecond } : {
      event: 'job-rate',
      at,
      job: id,
      attempt,
      requester: job.executor,
      tokens,
      tokensPerSecond,
    };
  }

  #begin(at: number): WatchEvent {
    const own = this.#random() < 0.5;
    const job = { job: this.#hex(), own, executor: this.#pick().key, tokens: 0, attempt: 0 };
    this.#running.push(job);
    if (this.#running.length > 64) this.#running.shift();
    if (!own) {
      const requester = this.#pick().key;
      return { event: 'job-accepted', at, job: job.job, attempt: 0, requester, position: 0 };
    }
    const reasons = this.#reasons();
    const candidates = Array.from({ length: 12 }, () => ({
      executor: this.#pick().key,
      where: 'mesh',
      cost: this.#random() * 5000,
      reasons: this.#reasons(),
      refused: null,
    }));
    candidates[0]!.executor = job.executor;
    return {
      event: 'run-route',
      at,
      job: job.job,
      attempt: 0,
      executor: job.executor,
      where: 'mesh',
      chance: this.#random(),
      reasons,
      candidates,
    };
  }

  #failover(job: Running, at: number): WatchEvent {
    const from = job.executor;
    job.executor = this.#pick().key;
    job.attempt++;
    const cause = { code: 'PEER_LOST', message: 'the connection is gone' };
    const { job: id, executor: to, tokens } = job;
    return { event: 'run-failover', at, job: id, from, to, cause, tokens };
  }

  #end({ job, own, executor, tokens, attempt }: Running, at: number): WatchEvent {
    if (!own) {
      const paid = { settled: true, claimed: false, error: null, warnings: [] };
      const requester = executor, totalMs = 1200;
      return {
        event: 'job-finished',
        at,
        job,
        attempt,
        requester,
        tokens,
        finish: 'end',
        totalMs,
        ...paid,
      };
    }
    return {
      event: 'run-done',
      at,
      job,
      text: null,
      finish: 'end',
      model: MODELS[this.#below(4)],
      executor,
      promptTokens: 20,
      outputTokens: tokens,
      attempts: attempt + 1,
      firstTokenMs: 100,
      totalMs: 2000,
      tokensPerSecond: 50,
      receipt: `/receipts/${job}`,
      warnings: [],
    };
  }

  #reasons() {
    const value = () => this.#random() * 2000;
    return [
      { name: 'queue', unit: 'ms', value: value() },
      { name: 'first token', unit: 'ms', value: value() },
      { name: 'decode', unit: 'ms', value: value() },
      { name: 'price', unit: 'x', value: 1 + this.#random() },
      { name: 'failures', unit: 'x', value: 1 },
    ];
  }

  #peersChange(at: number): WatchEvent {
    const peers = Array.from({ length: 60 }, () => {
      const index = this.#below(this.#peers.length);
      const peer = this.#peers[index]!;
      peer.rttMs = 1 + this.#random() * 200;
      peer.seenAt = at;
      peer.load = { active: this.#below(9), queued: this.#below(3), slots: 8 };
      return peer;
    });
    return { event: 'peers', at, peers, gone: [] };
  }

  #coresChange(at: number): WatchEvent {
    const cores = Array.from({ length: 60 }, () => {
      const core = this.#cores[this.#below(this.#cores.length)]!;
      core.length += 1 + this.#below(5);
      core.bytes += 500;
      core.lag = this.#below(4);
      return core;
    });
    return { event: 'cores', at, cores };
  }

  #entry(at: number): EntryRow {
    const core = this.#cores[this.#below(this.#cores.length)]!;
    return {
      core: core.key,
      owner: core.owner,
      log: core.log,
      index: core.length,
      type: core.log === 'jobs' ? 'job' : 'artifact',
      at,
      job: this.#running.at(-1)?.job ?? null,
      fields: { attempt: 0, tokens: this.#below(500), commitment: this.#hex(), finish: 'end' },
      bytes: 400,
      error: null,
    };
  }

  #peer(i: number): PeerRow {
    return {
      key: this.#hex(),
      name: i < NAMES.length
        ? NAMES[i]!
        : this.#random() < 0.5
        ? null
        : `${NAMES[i % NAMES.length]} ${i}`,
      rttMs: 1 + this.#random() * 200,
      transport: ['direct', 'holepunched', 'relayed'][this.#below(3)]!,
      hardware: 'NVIDIA RTX 4090, 24 GB',
      fresh: this.#random() < 0.9,
      load: { active: this.#below(9), queued: this.#below(3), slots: 8 },
      draining: this.#random() < 0.05,
      models: MODELS.slice(0, 1 + this.#below(3)).map((name) => ({
        name,
        profile: this.#hex(),
        price: 10 + this.#below(90),
        warm: true,
      })),
      tokensPerSecond: this.#random() < 0.5 ? null : this.#random() * 100,
      firstTokenMs: this.#random() * 900,
      failures: this.#random() < 0.9 ? 0 : 1,
      distrusted: null,
      connectedAt: this.#startedAt,
      seenAt: this.#startedAt,
    };
  }

  #core(owner: string, log: string): CoreRow {
    const length = this.#below(9000);
    return {
      key: this.#hex(),
      owner,
      log,
      own: owner === this.#key,
      length,
      lag: 0,
      fork: 0,
      bytes: length * 400,
      treeHash: this.#hex(),
    };
  }

  #pick(): PeerRow {
    return this.#peers[this.#below(this.#peers.length)]!;
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #hex(): string {
    let text = '';
    while (text.length < 64) {
      text += Math.floor(this.#random() * 0x10000).toString(16).padStart(4, '0');
    }
    return text;
  }
}
