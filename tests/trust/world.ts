import { randomOf } from '../lib/random.ts';
import { HONEST_B1, HONEST_MARGINS, jobOf, madeUp } from '../audit/fixtures.ts';
import { equalBytes, fromHex, sha256, taggedHash, toHex } from '../../feeds/base/mod.ts';
import {
  COMMIT,
  commitTokens,
  encodeRecord,
  type Finding,
  jobId,
  keyHash,
  type LogName,
  type LogRecord,
  recordHash,
  verdictCommitment,
  type VerdictRevealRecord,
} from '../../feeds/records/mod.ts';
import {
  beaconStep,
  type Duty,
  type Hex,
  type TrustCut,
  type TrustEntry,
  type TrustEvent,
  TrustFold,
  type TrustOptions,
  type TrustRules,
} from '../../feeds/trust/mod.ts';
import { decodeCalibration, encodeCalibration } from '../../node/audit/mod.ts';

export const NETWORK = new Uint8Array(32).fill(9);
export const PROFILE = new Uint8Array(32).fill(1);
export const EXECUTOR_CLASS = new Uint8Array(32).fill(2);
export const AUDITOR_CLASS = new Uint8Array(32).fill(3);
export const calibration = madeUp();
export const TABLE = encodeCalibration(calibration);
export const ALTERNATIVES = calibration.margins.alternatives.length +
  calibration.b1.alternatives.length;
const ZEROS = new Uint8Array(32);
/** What counts as a signature here: signing is not what these tests are about. */
const SIGNED = new Uint8Array(64).fill(1);
const CHAIN = 256;
const chains = new Map<string, Uint8Array[]>();

/** A witness's beacon values, the last one shown first, after the anchor. */
function chainOf({ name, key }: { name: string; key: Uint8Array }, length: number): Uint8Array[] {
  let chain = chains.get(`${name} ${length}`);
  if (chain === undefined) {
    chain = [key];
    for (let i = 0; i < length; i++) chain.push(beaconStep(chain.at(-1)!));
    chain.reverse();
    chains.set(`${name} ${length}`, chain);
  }
  return chain;
}

export const RULES: TrustRules = {
  auditors: 2,
  panel: 5,
  auditRamp: 20,
  auditFloor: 100,
  auditLeast: 1,
  requestCuts: 2,
  openCuts: 2,
  commitCuts: 4,
  revealCuts: 2,
  challengeCuts: 40,
  readings: 8,
  lifetimeAlpha: 900,
  maxTokens: 4096,
};

/** Reads a calibration as a node does. */
export function readCalibration(table: Uint8Array): ReturnType<TrustOptions['readCalibration']> {
  if (equalBytes(table, TABLE)) return { ...calibration, alternatives: ALTERNATIVES };
  try {
    const { profile, executorClass, auditorClass, margins, b1 } = decodeCalibration(table);
    const alternatives = margins.alternatives.length + b1.alternatives.length;
    return { profile, executorClass, auditorClass, alternatives };
  } catch {
    return null;
  }
}

export function bytes32(...of: (string | number)[]): Uint8Array {
  return taggedHash('test', new TextEncoder().encode(of.join('/')));
}

/** What follows from a job's key. */
export function jobWith(
  requester: Party,
  key: Uint8Array,
  nonce = bytes32('nonce', toHex(key)),
) {
  const prompt = commitTokens(key, COMMIT.prompt, [1]);
  return { job: jobId(requester.key, prompt, nonce, keyHash(key)), prompt, nonce };
}

/** Somebody with three logs. */
export interface Party {
  name: string;
  key: Uint8Array;
  hex: Hex;
  cores: Record<LogName, Uint8Array>;
}

/** What really happened in a job, by which honest auditors find what they find. */
export interface Work {
  subject: Hex;
  executor: Party;
  requester: Party;
  job: Uint8Array;
  /** Log e-values that an honest auditor computes. */
  evidence: number[];
  finding: Finding;
}

/** What an auditor does otherwise than an honest one. */
export interface Manners {
  requests?: boolean;
  commits?: boolean;
  reveals?: boolean;
  /** Changes what it says; null: it commits to nothing. */
  says?: (honest: VerdictRevealRecord, duty: Duty, work: Work) => VerdictRevealRecord | null;
  /** The commitment that it writes instead of its own. */
  value?: (duty: Duty) => Uint8Array | null;
}

/** An auditor that answers in time, and has not read. */
export const EMPTY: Manners = {
  says: (honest) => ({
    ...honest,
    finding: 'inconclusive',
    calibration: null,
    evidence: [],
    readings: [],
  }),
};

/** What stands for keys, signatures and certificates; real ones where something else is given. */
export interface Notary {
  network: Uint8Array;
  keyOf(name: string): Uint8Array;
  coresOf(name: string): Record<LogName, Uint8Array>;
  /** Completes a record, or what an entry says of another's signature. */
  sign<T extends LogRecord>(record: T): T;
  /** The next cut: its hash, and where witnesses change, who they are and will be. */
  certify(
    world: World,
    cut: { epoch: number; previous: Uint8Array; spans: CutSpan[] },
  ): Pick<TrustCut, 'hash' | 'electorate' | 'seats'>;
  options: Pick<TrustOptions, 'readCalibration' | 'verify'>;
}

export interface CutSpan {
  core: Uint8Array;
  from: number;
  to: number;
}

const MADE_UP: Notary = {
  network: NETWORK,
  keyOf: (name) => bytes32(name),
  coresOf: (name) => ({
    jobs: bytes32(name, 'jobs'),
    artifacts: bytes32(name, 'artifacts'),
    attestations: bytes32(name, 'attestations'),
  }),
  sign: (record) => record,
  certify: (_world, { previous, spans }) => ({
    hash: sha256(
      new Uint8Array([...previous, ...spans.flatMap(({ core, to }) => [...core, to & 255])]),
    ),
  }),
  options: { readCalibration, verify: (_key, _message, signature) => signature[0] === 1 },
};

/** A mesh of values: logs, cuts and a fold, without a clock or a network. */
export class World {
  readonly notary: Notary;
  readonly random: () => number;
  readonly fold: TrustFold;
  readonly logs = new Map<Hex, { core: Uint8Array; blocks: Uint8Array[]; covered: number }>();
  readonly witnesses: Party[];
  readonly auditors: Party[];
  readonly works = new Map<Hex, Work>();
  readonly manners = new Map<Hex, Manners>();
  /** Who does not open what it could. */
  readonly silent = new Set<Hex>();
  readonly events: TrustEvent[] = [];
  /** Every cut with its entries, to be taken in again elsewhere. */
  readonly cuts: { cut: Parameters<TrustFold['takeCut']>[0]; entries: TrustEntry[] }[] = [];
  readonly options: TrustOptions;
  epoch = -1;
  #previous: Uint8Array = ZEROS;
  readonly #chain: number;
  #drafts = new Map<string, VerdictRevealRecord>();
  #jobs = 0;

  constructor(
    {
      rules = {},
      witnesses = 3,
      auditors = 8,
      seed = 1,
      weights = [1, 1, 1],
      notary = MADE_UP,
      chain = CHAIN,
      isFunded = () => true,
    }: {
      rules?: Partial<TrustRules>;
      witnesses?: number;
      auditors?: number;
      seed?: number;
      weights?: number[];
      notary?: Notary;
      /** Epochs in which witnesses have something to reveal. */
      chain?: number;
      isFunded?: NonNullable<TrustOptions['isFunded']>;
    } = {},
  ) {
    this.notary = notary;
    this.#chain = chain;
    this.random = randomOf(seed);
    this.witnesses = Array.from({ length: witnesses }, (_, i) => this.party(`witness ${i}`));
    this.options = {
      network: notary.network,
      witnesses: this.witnesses.map(({ key }, i) => ({ key, weight: weights[i] ?? 1 })),
      rules: { ...RULES, ...rules },
      isFunded,
      ...notary.options,
    };
    this.fold = new TrustFold(this.options);
    for (const witness of this.witnesses) {
      const anchor = chainOf(witness, chain)[0]!;
      this.append(witness, 'attestations', {
        type: 'beaconChain',
        network: this.notary.network,
        anchor,
        length: chain,
        from: 1,
      });
      this.calibrate(witness);
    }
    this.auditors = Array.from({ length: auditors }, (_, i) => this.auditor(`auditor ${i}`));
  }

  party(name: string): Party {
    const key = this.notary.keyOf(name);
    const cores = this.notary.coresOf(name);
    const party = { name, key, hex: toHex(key), cores };
    for (const log of ['jobs', 'artifacts', 'attestations'] as const) {
      this.append(
        party,
        log,
        this.notary.sign<LogRecord>({
          type: 'identity',
          publicKey: key,
          ...cores,
          box: ZEROS,
          account: null,
          signature: SIGNED,
        }),
      );
    }
    return party;
  }

  auditor(name: string, kind = AUDITOR_CLASS): Party {
    const auditor = this.party(name);
    const offerings = [{ profile: PROFILE, class: kind }];
    this.append(auditor, 'attestations', {
      type: 'auditor',
      network: this.notary.network,
      offerings,
      at: 0,
    });
    return auditor;
  }

  calibrate(author: Party, table = TABLE, executorClass = EXECUTOR_CLASS): void {
    this.append(author, 'attestations', {
      type: 'calibration',
      profile: PROFILE,
      executorClass,
      auditorClass: AUDITOR_CLASS,
      table,
      at: 0,
    });
  }

  append({ cores }: Party, log: LogName, record: LogRecord): number {
    const core = cores[log], name = toHex(core);
    const held = this.logs.get(name) ?? { core, blocks: [], covered: 0 };
    this.logs.set(name, held);
    return held.blocks.push(encodeRecord(record)) - 1;
  }

  /** One answered job. */
  work(
    requester: Party,
    executor: Party,
    {
      evidence = new Array<number>(ALTERNATIVES).fill(-100_000),
      finding = 'ok',
      tokens = 80,
      jobKey,
      ...but
    }: {
      jobKey?: Uint8Array;
      evidence?: number[];
      finding?: Finding;
      tokens?: number;
      artifact?: boolean;
      settle?: boolean;
      topkRoot?: Uint8Array;
      pq?: number;
    } = {},
  ): Work {
    const n = this.#jobs++, key = jobKey ?? bytes32('job key', n);
    const given = jobKey === undefined ? bytes32('nonce', n) : undefined;
    const { job, prompt, nonce } = jobWith(requester, key, given);
    const offer = this.notary.sign<LogRecord>({
      type: 'job',
      job,
      attempt: 0,
      kind: 'text',
      parent: null,
      network: this.notary.network,
      profile: PROFILE,
      adapters: [],
      layers: null,
      requester: requester.key,
      executor: executor.key,
      prompt,
      promptTokens: 1,
      resumeAt: 0,
      prefix: ZEROS,
      nonce,
      keyHash: keyHash(key),
      stops: ZEROS,
      sampling: { tq: 0, pq: but.pq ?? 65_536, maxTokens: 200 },
      priceCap: 1,
      heads: [],
      at: 0,
      signature: SIGNED,
    });
    this.append(requester, 'jobs', offer);
    const artifact = this.notary.sign<LogRecord>({
      type: 'artifact',
      job,
      attempt: 0,
      executor: executor.key,
      offer: recordHash(encodeRecord(offer)),
      root: bytes32('root', n),
      topkRoot: but.topkRoot ?? null,
      class: EXECUTOR_CLASS,
      promptTokens: 1,
      resumeAt: 0,
      tokens,
      finish: 'end',
      firstTokenMs: 1,
      totalMs: 2,
      ncu: 1,
      heads: [],
      at: 0,
      signature: SIGNED,
    });
    const settle: LogRecord = {
      type: 'settle',
      job,
      attempt: 0,
      executor: executor.key,
      outcome: 'done',
      finish: 'end',
      tokens,
      artifact: but.artifact === false ? null : recordHash(encodeRecord(artifact)),
      digest: { tokens, digest: bytes32('root', n), signature: SIGNED },
      firstTokenMs: 1,
      totalMs: 2,
      heads: [],
      at: 0,
    };
    if (but.artifact !== false) this.append(executor, 'artifacts', artifact);
    if (but.settle !== false) this.append(requester, 'jobs', settle);
    const entry = but.artifact === false ? settle : artifact;
    const subject = toHex(recordHash(encodeRecord(entry)));
    const work = { subject, executor, requester, job, evidence, finding };
    this.works.set(subject, work);
    return work;
  }

  /**
   * The witnesses' next cut, over all logs but those that lag behind, and what everybody does when it
   * is known.
   */
  async cut(
    { act = true, lagging = () => false, reveals = () => true }: {
      act?: boolean;
      lagging?: (core: Hex) => boolean;
      reveals?: (witness: number) => boolean;
    } = {},
  ): Promise<TrustEvent[]> {
    const spans: CutSpan[] = [];
    const entries: TrustEntry[] = [];
    for (const [name, log] of this.logs) {
      if (log.covered === log.blocks.length || lagging(name)) continue;
      const { core, covered: from, blocks } = log;
      spans.push({ core, from, to: blocks.length });
      for (let index = from; index < blocks.length; index++) {
        entries.push({ core, index, bytes: blocks[index]! });
      }
      log.covered = blocks.length;
    }
    this.epoch++;
    const { epoch } = this;
    const certified = this.notary.certify(this, { epoch, previous: this.#previous, spans });
    this.#previous = certified.hash;
    const cut = { epoch, spans, ...certified };
    this.cuts.push({ cut, entries });
    const events = await this.fold.takeCut(cut, entries);
    this.events.push(...events);
    this.witnesses.forEach((witness, i) => {
      if (this.epoch < 1 || !reveals(i)) return;
      this.append(witness, 'attestations', {
        type: 'beaconReveal',
        network: this.notary.network,
        epoch: this.epoch,
        value: chainOf(witness, this.#chain)[this.epoch]!,
      });
    });
    if (act) this.act();
    return events;
  }

  async pass(count: number, options: Parameters<World['cut']>[0] = {}): Promise<void> {
    for (let i = 0; i < count; i++) await this.cut(options);
  }

  /** Everybody does what it owes, in its manner. */
  act(): void {
    const duties = this.fold.view().duties;
    for (const duty of duties) {
      const auditor = this.auditors.find(({ hex }) => hex === duty.auditor);
      const work = this.works.get(duty.subject.id)!;
      if (duty.state === 'requested' && duty.open === null) this.#open(duty, work);
      if (auditor !== undefined) this.#audit(duty, auditor, work);
    }
  }

  #open(duty: Duty, { executor, requester, job }: Work): void {
    const opener = [executor, requester].find(({ hex }) => !this.silent.has(hex));
    const task = this.auditors.find(({ hex }) => hex === duty.auditor)!;
    if (opener === undefined || this.#once(`open ${duty.auditor} ${duty.subject.id}`)) return;
    this.append(opener, opener === executor ? 'artifacts' : 'jobs', {
      type: 'open',
      subject: fromHex(duty.subject.id),
      job,
      attempt: 0,
      auditor: task.key,
      sealed: new Uint8Array(72),
      at: 0,
    });
  }

  #done = new Set<string>();
  #once(what: string): boolean {
    if (this.#done.has(what)) return true;
    this.#done.add(what);
    return false;
  }

  #audit(duty: Duty, auditor: Party, work: Work): void {
    const manners = this.manners.get(auditor.hex) ?? {};
    const subject = fromHex(duty.subject.id), name = `${auditor.hex} ${duty.subject.id}`;
    const common = { network: this.notary.network, subject };
    if (duty.state === 'drawn' && manners.requests !== false && !this.#once(`request ${name}`)) {
      const { job } = work;
      this.append(auditor, 'attestations', { type: 'request', ...common, job, attempt: 0, at: 0 });
    }
    if (duty.state === 'opened' && manners.commits !== false && !this.#once(`commit ${name}`)) {
      const honest = this.honest(duty, work, auditor);
      const says = manners.says === undefined ? honest : manners.says(honest, duty, work);
      if (says === null) return;
      const value = manners.value?.(duty) ?? verdictCommitment(auditor.key, says);
      const commit = this.append(auditor, 'attestations', {
        type: 'verdictCommit',
        ...common,
        value,
        at: 0,
      });
      this.#drafts.set(name, { ...says, commit });
    }
    const draft = this.#drafts.get(name);
    if (duty.mayReveal && manners.reveals !== false && draft && !this.#once(`reveal ${name}`)) {
      this.append(auditor, 'attestations', draft);
    }
  }

  /** The verdict of an honest auditor. */
  honest(duty: Duty, { evidence, finding }: Work, auditor: Party): VerdictRevealRecord {
    const { calibration: used } = duty;
    return {
      type: 'verdictReveal',
      network: this.notary.network,
      subject: fromHex(duty.subject.id),
      commit: 0,
      finding,
      calibration: used === null ? null : fromHex(used.hash),
      evidence: used === null ? [] : evidence,
      readings: duty.readings.map((position) => {
        const read = bytes32('read', duty.subject.id, position);
        return { position, byte: read[0]!, top: read[1]! };
      }),
      positions: duty.subject.tokens,
      mismatches: 0,
      detail: '',
      salt: bytes32('salt', auditor.name, duty.subject.id),
    };
  }

  /** The events of one type so far. */
  of<T extends TrustEvent['type']>(type: T): (TrustEvent & { type: T })[] {
    return this.events.filter((event) => event.type === type) as (TrustEvent & { type: T })[];
  }
}

/** The evidence of a job whose positions fall into cells with these chances. */
export function drawEvidence(
  random: () => number,
  margins: readonly number[] = HONEST_MARGINS,
  b1: readonly number[] = HONEST_B1,
): number[] {
  const job = jobOf(random, 60, margins, b1);
  const of = (counts: number[], scores: number[]) =>
    counts.reduce((total, n, cell) => total + n * scores[cell]!, 0);
  return [
    ...calibration.margins.alternatives.map(({ scores }) => of(job.margins, scores)),
    ...calibration.b1.alternatives.map(({ scores }) => of(job.b1, scores)),
  ];
}
