import { toHex } from '../../feeds/base/mod.ts';
import {
  type ArtifactRecord,
  type ClaimRecord,
  COMMIT,
  commitTokens,
  encodeRecord,
  type Finding,
  jobId,
  type JobRecord,
  keyHash,
  type LogRecord,
  recordHash,
  type SettleRecord,
} from '../../feeds/records/mod.ts';
import {
  type Account,
  attemptCost,
  type Coefficients,
  type LedgerEvent,
  LedgerFold,
  type LedgerOptions,
  type LedgerRules,
  type Totals,
} from '../../feeds/ledger/mod.ts';
import type { TrustEvent } from '../../feeds/trust/mod.ts';
import { defaultLedgerRules } from '../../node/network/mod.ts';
import {
  bytes32,
  calibration,
  EXECUTOR_CLASS,
  NETWORK,
  type Party,
  PROFILE,
  World,
} from '../trust/world.ts';

export const NCU = 1_000_000;
export const OUTPUT = 1000, PROMPT = 100;
const ALTERNATIVES = calibration.margins.alternatives.length + calibration.b1.alternatives.length;
const ZEROS = new Uint8Array(32);
const SIGNED = new Uint8Array(64).fill(1);

export const LEDGER: LedgerRules = {
  ...defaultLedgerRules(),
  grant: 100 * NCU,
  creditLimit: 10 * NCU,
  settleCuts: 4,
  unbondCuts: 12,
  priceStep: 0,
  auditFee: 0,
  rewardAuditors: 700_000,
  rewardWitnesses: 200_000,
  silentTokens: 0,
};

type But<T> = Partial<Omit<T, 'type'>>;

/** What of an attempt is written, and how it differs from an honest one. */
export interface Deal {
  tokens?: number;
  price?: number;
  offer?: But<JobRecord>;
  artifact?: But<ArtifactRecord> | false;
  settle?: But<SettleRecord> | false;
  claim?: But<ClaimRecord>;
  evidence?: number[];
  finding?: Finding;
}

/** What {@link Economy.deal} wrote. */
export interface Dealt {
  job: Uint8Array;
  id: string;
  offer: JobRecord;
  artifact: ArtifactRecord;
  settle: SettleRecord;
}

/** A mesh of values with money: the world of the audits and a ledger beside it. */
export class Economy extends World {
  readonly ledger: LedgerFold;
  readonly money: LedgerOptions;
  /** What the ledger said of each cut. */
  readonly told: LedgerEvent[] = [];
  /** What was handed to it, to be handed in again elsewhere. */
  readonly handed: Parameters<LedgerFold['takeCut']>[] = [];
  #deals = 0;

  constructor(
    { ledger = {}, genesis = [], coefficients = [], ...options }: {
      ledger?: Partial<LedgerRules>;
      /** Of profiles beside the usual one. */
      coefficients?: readonly Coefficients[];
      genesis?: { key: Uint8Array; amount: number }[];
    } & ConstructorParameters<typeof World>[0] = {},
  ) {
    let money: LedgerFold | null = null;
    super({
      ...options,
      rules: { challengeCuts: 6, ...options?.rules },
      isFunded: (subject) => money === null || money.isFunded(subject),
    });
    this.money = {
      network: NETWORK,
      terms: {
        rules: { ...LEDGER, ...ledger },
        genesis,
        coefficients: [{ profile: PROFILE, prompt: PROMPT, output: OUTPUT }, ...coefficients],
      },
      witnesses: this.options.witnesses,
      audit: { ...this.options.rules, epochMs: 3000 },
      verify: this.options.verify!,
    };
    this.ledger = money = new LedgerFold(this.money);
  }

  override async cut(options: Parameters<World['cut']>[0] = {}): Promise<TrustEvent[]> {
    const events = await super.cut(options);
    // What everybody did when it knew the cut belongs to the next one: `known` is still of this one.
    const trust = this.fold;
    const records = new Map(trust.view().executors.map((one) => [one.executor, one]));
    const args: Parameters<LedgerFold['takeCut']> = [
      { epoch: this.epoch },
      trust.known,
      events,
      (key) => records.get(key) ?? null,
    ];
    this.handed.push(args);
    this.told.push(...await this.ledger.takeCut(...args));
    return events;
  }

  /** One attempt, answered and settled. */
  deal(requester: Party, executor: Party, deal: Deal = {}): Dealt {
    const { tokens = 80, price = OUTPUT } = deal;
    const n = this.#deals++, jobKey = bytes32('deal', n);
    const prompt = commitTokens(jobKey, COMMIT.prompt, [1]), nonce = bytes32('deal nonce', n);
    const job = jobId(requester.key, prompt, nonce, keyHash(jobKey));
    const attempt = deal.offer?.attempt ?? 0;
    const offer: JobRecord = {
      type: 'job',
      job,
      attempt,
      kind: 'text',
      parent: null,
      network: NETWORK,
      profile: PROFILE,
      adapters: [],
      layers: null,
      requester: requester.key,
      executor: executor.key,
      prompt,
      promptTokens: 10,
      resumeAt: 0,
      prefix: ZEROS,
      nonce,
      keyHash: keyHash(jobKey),
      stops: ZEROS,
      sampling: { tq: 0, pq: 65_536, maxTokens: 200 },
      priceCap: 2 * OUTPUT,
      heads: [],
      at: 0,
      signature: SIGNED,
      ...deal.offer,
    };
    const artifact: ArtifactRecord = {
      type: 'artifact',
      job,
      attempt,
      executor: executor.key,
      offer: recordHash(encodeRecord(offer)),
      root: bytes32('deal root', n),
      topkRoot: null,
      class: EXECUTOR_CLASS,
      promptTokens: 10,
      resumeAt: 0,
      tokens,
      finish: 'end',
      firstTokenMs: 1,
      totalMs: 100,
      ncu: attemptCost(price, { prompt: PROMPT, output: OUTPUT }, 10, tokens),
      heads: [],
      at: 0,
      signature: SIGNED,
      ...deal.artifact || {},
    };
    const settle: SettleRecord = {
      type: 'settle',
      job,
      attempt,
      executor: executor.key,
      outcome: 'done',
      finish: 'end',
      tokens,
      artifact: recordHash(encodeRecord(artifact)),
      digest: { tokens, digest: bytes32('deal root', n), signature: SIGNED },
      firstTokenMs: 1,
      totalMs: 100,
      heads: [],
      at: 0,
      ...deal.settle || {},
    };
    this.append(requester, 'jobs', offer);
    // Whichever of them trust makes a subject of.
    const subjects: LogRecord[] = [artifact, settle];
    if (deal.artifact !== false) this.append(executor, 'artifacts', artifact);
    if (deal.settle !== false) this.append(requester, 'jobs', settle);
    if (deal.claim !== undefined) {
      const ack = { tokens, signature: SIGNED };
      const claim: ClaimRecord = {
        type: 'claim',
        job,
        attempt,
        requester: requester.key,
        ack,
        heads: [],
        at: 0,
        ...deal.claim,
      };
      this.append(executor, 'artifacts', claim);
      subjects.push(claim);
    }
    const { evidence = new Array<number>(ALTERNATIVES).fill(-100_000), finding = 'ok' } = deal;
    for (const one of subjects) {
      const subject = toHex(recordHash(encodeRecord(one)));
      this.works.set(subject, { subject, executor, requester, job, evidence, finding });
    }
    return { job, id: toHex(job), offer, artifact, settle };
  }

  bond(party: Party, amount: number): void {
    this.append(party, 'artifacts', { type: 'bond', network: NETWORK, amount, at: 0 });
  }

  unbond(party: Party, amount: number): void {
    this.append(party, 'artifacts', { type: 'unbond', network: NETWORK, amount, at: 0 });
  }

  accuse(author: Party, offender: Party, first: LogRecord, second: LogRecord): void {
    this.append(author, 'attestations', {
      type: 'equivocation',
      network: NETWORK,
      offender: offender.key,
      proof: 'votes',
      first: encodeRecord(first),
      second: encodeRecord(second),
      at: 0,
    });
  }

  account({ hex }: Party): Account {
    return this.ledger.account(hex)!;
  }

  /** The ledger's events of one type so far. */
  said<T extends LedgerEvent['type']>(type: T): (LedgerEvent & { type: T })[] {
    return this.told.filter((event) => event.type === type) as (LedgerEvent & { type: T })[];
  }

  /** Codes of the findings so far. */
  get codes(): string[] {
    return this.said('finding').map(({ finding }) => finding.code);
  }
}

/** 0 where no money came from nowhere or went nowhere. */
export function imbalance(totals: Totals): bigint {
  const sum = (...values: number[]) => values.reduce((sum, value) => sum + BigInt(value), 0n);
  const { available, pending, escrow, bonded, owed, burned, grants, emission } = totals;
  return sum(available, pending, escrow, bonded, burned) - sum(owed, grants, emission);
}

/** Totals as the accounts have them. */
export function summed(accounts: readonly Account[]): Record<string, number> {
  const sums = { available: 0, pending: 0, escrow: 0, bonded: 0, owed: 0 };
  for (const account of accounts) {
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += account[name];
  }
  return sums;
}
