import type { FiguresRecord, FingerprintRecord, Spread } from '../../feeds/records/mod.ts';
import {
  FingerprintFold,
  type PrintDuty,
  type PrintEvent,
  type PrintOptions,
  type PrintRules,
} from '../../feeds/fingerprints/mod.ts';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import type { TrustEvent } from '../../feeds/trust/mod.ts';
import { bytes32, EXECUTOR_CLASS, type Party, PROFILE, World } from '../trust/world.ts';

export const PRINT_RULES: PrintRules = {
  printChallengers: 3,
  printEveryCuts: 6,
  printExpireCuts: 18,
  printRuns: 9,
  printTolerance: 2_500,
};

/** What a machine really does, thousandths of a token a second. */
export interface Truth {
  prefill: number;
  decode: number;
  streamRate: number;
  context: number;
}

export const TRUTH: Truth = {
  prefill: 900_000,
  decode: 90_000,
  streamRate: 150_000,
  context: 4_096,
};

/** A figure that was measured with some noise. */
export function spread(rate: number, noise = 0.05): Spread {
  const at = (factor: number) => Math.round(rate * factor);
  return { median: rate, mad: at(noise / 2), low: at(1 - noise), high: at(1 + noise) };
}

/** What an honest challenger of a machine logs. */
export function printOf(duty: PrintDuty, truth: Truth): FingerprintRecord {
  return {
    type: 'fingerprint',
    network: bytes32(),
    executor: fromHex(duty.executor),
    profile: fromHex(duty.profile),
    class: fromHex(duty.backendClass),
    beacon: duty.beacon,
    runs: 11,
    prefill: spread(truth.prefill),
    decode: spread(truth.decode),
    streams: [
      { streams: 1, ...spread(truth.decode) },
      { streams: 4, ...spread(truth.streamRate) },
    ],
    context: truth.context,
    contextFailed: 0,
    raw: { backend: 'cpu', rate: 500, memory: 64 },
    jobs: [],
    features: [1, 2, 3],
    transcript: bytes32('transcript', duty.challenger, duty.beacon),
    at: 0,
  };
}

/** What a challenger says instead of the truth; null: nothing. */
export type Says = (honest: FingerprintRecord, duty: PrintDuty) => FingerprintRecord | null;

/** A mesh of values in which machines are measured. */
export class Machines extends World {
  readonly prints: FingerprintFold;
  readonly printOptions: PrintOptions;
  readonly told: PrintEvent[] = [];
  /** What the fold was handed, to be handed in again elsewhere. */
  readonly handed: Parameters<FingerprintFold['takeCut']>[] = [];
  readonly truths = new Map<string, Truth>();
  readonly says = new Map<string, Says>();
  readonly executors = new Map<string, Party>();

  constructor(
    { prints = {}, ...options }:
      & { prints?: Partial<PrintRules> }
      & ConstructorParameters<
        typeof World
      >[0] = {},
  ) {
    super(options);
    this.printOptions = {
      network: this.notary.network,
      rules: { ...PRINT_RULES, ...prints },
      roster: this.fold.roster,
    };
    this.prints = new FingerprintFold(this.printOptions);
  }

  /** Somebody who serves the profile, and says how fast. */
  executor(name: string, claim: Partial<FiguresRecord> = {}, truth: Truth = TRUTH): Party {
    const party = this.party(name);
    this.truths.set(party.hex, truth);
    this.executors.set(party.hex, party);
    this.append(party, 'artifacts', {
      type: 'capability',
      offerings: [{ profile: PROFILE, name: 'model', price: 1, class: EXECUTOR_CLASS }],
      slots: 4,
      maxTokens: 4096,
      hardware: '',
      at: 0,
    });
    this.claim(party, claim);
    return party;
  }

  claim(party: Party, claim: Partial<FiguresRecord> = {}): void {
    this.append(party, 'artifacts', {
      type: 'figures',
      network: this.notary.network,
      profile: PROFILE,
      class: EXECUTOR_CLASS,
      streams: 4,
      ...TRUTH,
      at: 0,
      ...claim,
    });
  }

  /** Logs it; with the jobs that it stands on, unless it names some. */
  attest(challenger: Party, print: FingerprintRecord): void {
    const executor = this.executors.get(toHex(print.executor));
    const isBacked = print.jobs.length > 0 || executor === undefined || print.runs === 0;
    const jobs = isBacked ? print.jobs : this.probe(challenger, executor);
    this.append(challenger, 'attestations', { ...print, network: this.notary.network, jobs });
  }

  /** As many jobs as make a measurement. @returns their ids */
  probe(challenger: Party, executor: Party, how: { artifact?: boolean } = {}): Uint8Array[] {
    const { printRuns } = this.printOptions.rules;
    return Array.from({ length: printRuns }, () => this.work(challenger, executor, how).job);
  }

  override async cut(options: Parameters<World['cut']>[0] = {}): Promise<TrustEvent[]> {
    const events = await super.cut(options);
    const beacons = events.flatMap((event) => event.type === 'beacon' ? [event] : []);
    const args: Parameters<FingerprintFold['takeCut']> = [
      this.cuts.at(-1)!.cut,
      this.fold.known,
      beacons,
    ];
    this.handed.push(args);
    this.told.push(...this.prints.takeCut(...args));
    for (const challenger of this.auditors) {
      for (const duty of this.prints.owedBy(challenger.hex)) this.#measure(challenger, duty);
    }
    return events;
  }

  readonly #measured = new Set<string>();
  #measure(challenger: Party, duty: PrintDuty): void {
    const name = `${duty.challenger} ${duty.executor} ${duty.beacon}`;
    if (this.#measured.has(name)) return;
    this.#measured.add(name);
    const honest = printOf(duty, this.truths.get(duty.executor)!);
    const says = this.says.get(challenger.hex);
    const print = says === undefined ? honest : says(honest, duty);
    if (print !== null) this.attest(challenger, print);
  }

  /** What the fold said of one kind so far. */
  said<T extends PrintEvent['type']>(type: T): (PrintEvent & { type: T })[] {
    return this.told.filter((event) => event.type === type) as (PrintEvent & { type: T })[];
  }

  /** Why entries counted for nothing. */
  get codes(): string[] {
    return this.said('finding').map(({ finding }) => finding.code);
  }
}
