import { taggedHash, toHex } from '../feeds/base/mod.ts';
import {
  encodeRecord,
  jobId,
  type LogName,
  type LogRecord,
  recordHash,
} from '../feeds/records/mod.ts';
import {
  beaconAnchor,
  beaconValue,
  type Known,
  type TrustCut,
  type TrustEntry,
  type TrustEvent,
} from '../feeds/trust/mod.ts';

export const NETWORK = new Uint8Array(32).fill(9);
export const PROFILE = new Uint8Array(32).fill(1);
const ZEROS = new Uint8Array(32), SIGNED = new Uint8Array(64).fill(1);
const TOKENS = 80, OUTPUT = 1000;
const LOGS: readonly LogName[] = ['jobs', 'artifacts', 'attestations'];

interface Party {
  key: Uint8Array;
  hex: string;
  /** Core of each log, in both forms, and how long it is. */
  logs: Record<LogName, { core: Uint8Array; hex: string; length: number }>;
}

/** One cut of a made-up network: what its folds are handed. */
export interface MadeCut {
  cut: TrustCut;
  known: Known[];
  /** The same as logs hold it; empty where it was not asked for. */
  entries: TrustEntry[];
  /** What a trust fold would say of the cut before: nothing is drawn. */
  events: TrustEvent[];
}

/** A network whose members ask each other: a job, an artifact and a settlement each time. */
export class History {
  readonly witness: Party;
  readonly #parties: Party[] = [];
  readonly #secret = new Uint8Array(32).fill(7);
  readonly #chain: number;
  readonly #encoded: boolean;
  #known: Known[] = [];
  #entries: TrustEntry[] = [];
  #spans = new Map<string, { core: Uint8Array; from: number; to: number }>();
  #subjects: TrustEvent[] = [];
  #epoch = 0;
  #jobs = 0;

  /** @param encoded also makes the bytes @param cuts that will be made at most */
  constructor(parties: number, encoded: boolean, cuts: number) {
    this.#encoded = encoded;
    this.#chain = cuts + 2;
    this.witness = this.#party('witness');
    for (let i = 0; i < parties; i++) this.#parties.push(this.#party(`party ${i}`));
    this.#append(this.witness, 'attestations', {
      type: 'beaconChain',
      network: NETWORK,
      anchor: beaconAnchor(this.#secret, this.#chain),
      length: this.#chain,
      from: 1,
    });
  }

  next(jobs: number): MadeCut {
    const epoch = this.#epoch++;
    const events = this.#subjects;
    this.#subjects = [];
    if (epoch > 1) {
      const value = beaconValue(this.#secret, this.#chain, epoch - 2);
      this.#append(this.witness, 'attestations', {
        type: 'beaconReveal',
        network: NETWORK,
        epoch: epoch - 1,
        value,
      });
    }
    const count = this.#parties.length;
    for (let i = 0; i < jobs; i++) {
      const n = this.#jobs++;
      const by = this.#parties[n % count]!;
      this.#deal(n, by, this.#parties[(n * 7 + 1 + n % count) % count]!, epoch);
    }
    const made = {
      cut: { epoch, hash: taggedHash('cut', by32(epoch)), spans: [...this.#spans.values()] },
      known: this.#known.sort((a, b) =>
        a.place.core < b.place.core
          ? -1
          : a.place.core > b.place.core
          ? 1
          : a.place.index - b.place.index
      ),
      entries: this.#entries,
      events,
    };
    this.#known = [];
    this.#entries = [];
    this.#spans = new Map();
    return made;
  }

  #deal(n: number, requester: Party, executor: Party, cut: number): void {
    const prompt = by32(n), nonce = by32(n + 1), keyHash = by32(n + 2);
    const job = jobId(requester.key, prompt, nonce, keyHash);
    const offer: LogRecord = {
      type: 'job',
      job,
      attempt: 0,
      kind: 'text',
      parent: null,
      network: NETWORK,
      profile: PROFILE,
      adapters: [],
      layers: null,
      requester: requester.key,
      executor: executor.key,
      prompt,
      promptTokens: 30,
      resumeAt: 0,
      prefix: ZEROS,
      nonce,
      keyHash,
      stops: ZEROS,
      sampling: { tq: 0, pq: 65_536, maxTokens: 200 },
      priceCap: OUTPUT,
      heads: [],
      at: cut,
      signature: SIGNED,
    };
    const artifact: LogRecord = {
      type: 'artifact',
      job,
      attempt: 0,
      executor: executor.key,
      offer: this.#encoded ? recordHash(encodeRecord(offer)) : ZEROS,
      root: prompt,
      topkRoot: null,
      class: ZEROS,
      promptTokens: 30,
      resumeAt: 0,
      tokens: TOKENS,
      finish: 'end',
      firstTokenMs: 1,
      totalMs: 100,
      ncu: TOKENS * OUTPUT,
      heads: [],
      at: cut,
      signature: SIGNED,
    };
    const settle: LogRecord = {
      type: 'settle',
      job,
      attempt: 0,
      executor: executor.key,
      outcome: 'done',
      finish: 'end',
      tokens: TOKENS,
      artifact: ZEROS,
      digest: { tokens: TOKENS, digest: prompt, signature: SIGNED },
      firstTokenMs: 1,
      totalMs: 100,
      heads: [],
      at: cut,
    };
    this.#append(requester, 'jobs', offer);
    const place = this.#append(executor, 'artifacts', artifact);
    this.#append(requester, 'jobs', settle);
    if (this.#encoded) return;
    const id = toHex(job);
    this.#subjects.push({
      type: 'subject',
      subject: {
        id,
        kind: 'artifact',
        place,
        offer: place,
        job: id,
        attempt: 0,
        requester: requester.hex,
        executor: executor.hex,
        profile: toHex(PROFILE),
        class: null,
        tokens: TOKENS,
      },
      beacon: cut,
      rate: 100,
      audited: false,
    });
  }

  #party(name: string): Party {
    const of = (what: string) => taggedHash(what, new TextEncoder().encode(name));
    const key = of('key');
    const logs = Object.fromEntries(LOGS.map((log) => {
      const core = of(log);
      return [log, { core, hex: toHex(core), length: 0 }];
    })) as Party['logs'];
    const party = { key, hex: toHex(key), logs };
    for (const log of LOGS) {
      this.#append(party, log, {
        type: 'identity',
        publicKey: key,
        jobs: logs.jobs.core,
        artifacts: logs.artifacts.core,
        attestations: logs.attestations.core,
        box: ZEROS,
        account: null,
        signature: SIGNED,
      });
    }
    return party;
  }

  #append({ key, hex, logs }: Party, log: LogName, record: LogRecord): Known['place'] {
    const { core, hex: name } = logs[log], index = logs[log].length++;
    const span = this.#spans.get(name);
    if (span === undefined) this.#spans.set(name, { core, from: index, to: index + 1 });
    else span.to++;
    const place = { core: name, index, cut: this.#epoch - 1 };
    const bytes = this.#encoded ? encodeRecord(record) : ZEROS;
    if (this.#encoded) this.#entries.push({ core, index, bytes });
    else this.#known.push({ owner: hex, ownerKey: key, log, place, record, bytes });
    return place;
  }
}

function by32(n: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, n);
  return bytes;
}
