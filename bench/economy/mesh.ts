import { sha256, taggedHash, toHex } from '../../feeds/base/mod.ts';
import { type LedgerEvent, type LedgerTerms, NetworkFold } from '../../feeds/ledger/mod.ts';
import { encodeRecord, type LogName, type LogRecord } from '../../feeds/records/mod.ts';
import { beaconStep, type Hex, type TrustEntry, type TrustEvent } from '../../feeds/trust/mod.ts';
import { encodeCalibration } from '../../node/audit/mod.ts';
import { tableFacts } from '../../node/calibration/mod.ts';
import type { Rules } from '../../node/network/mod.ts';
import { embeddedCalibration } from './calibration.ts';

const { calibration } = await embeddedCalibration();
const TABLE = encodeCalibration(calibration);
export const PROFILE = calibration.profile;
export const EXECUTOR_CLASS = calibration.executorClass;
export const AUDITOR_CLASS = calibration.auditorClass;

export const NETWORK = new Uint8Array(32).fill(7);
export const ZEROS = new Uint8Array(32);
/** What counts as a signature here: whoever could forge one is not simulated. */
export const SIGNED = new Uint8Array(64).fill(1);

const WITNESSES = 3;
const LOGS = ['jobs', 'artifacts', 'attestations'] as const;

/** An identity with its three logs. */
export interface Party {
  key: Uint8Array;
  hex: Hex;
  logs: Record<LogName, { core: Uint8Array; covered: number; fresh: Uint8Array[] }>;
}

/** What a cut came to. */
export interface Passed {
  trust: TrustEvent[];
  ledger: LedgerEvent[];
}

export function named(...of: (string | number)[]): Uint8Array {
  return taggedHash('nexus/simulation', new TextEncoder().encode(of.join('/')));
}

/** Logs, cuts and the very folds that nodes run, without a clock, a network or signatures. */
export class SimMesh {
  fold: NetworkFold;
  epoch = -1;
  /** Of all entries so far. */
  bytes = 0;
  entries = 0;
  /** Written so far: ids of jobs are made of it. */
  jobs = 0;
  readonly witnesses: Party[];
  readonly #options: ConstructorParameters<typeof NetworkFold>[0];
  readonly #chains: Uint8Array[][];
  readonly #grown = new Set<Party>();
  #hash: Uint8Array = ZEROS;

  /** @param epochs at most so many cuts */
  constructor(
    { terms, rules, epochs }: {
      terms: LedgerTerms;
      rules: Rules;
      epochs: number;
    },
  ) {
    const keys = Array.from({ length: WITNESSES }, (_, i) => named('witness', i));
    this.#options = {
      network: NETWORK,
      witnesses: keys.map((key) => ({ key, weight: 1 })),
      rules,
      audit: rules,
      terms,
      readCalibration: (table) => tableFacts(table, rules.alpha),
      verify: () => true,
    };
    this.fold = new NetworkFold(this.#options);
    this.#chains = keys.map((key) => {
      const chain = [key];
      for (let i = 0; i < epochs; i++) chain.unshift(beaconStep(chain[0]!));
      return chain;
    });
    this.witnesses = keys.map((_, i) => this.party('witness', i));
    this.witnesses.forEach((witness, i) => {
      this.append(witness, 'attestations', {
        type: 'beaconChain',
        network: NETWORK,
        anchor: this.#chains[i]![0]!,
        length: epochs,
        from: 1,
      });
      this.append(witness, 'attestations', {
        type: 'calibration',
        profile: PROFILE,
        executorClass: EXECUTOR_CLASS,
        auditorClass: AUDITOR_CLASS,
        table: TABLE,
        at: 0,
      });
    });
  }

  /** Goes on from a changed state. */
  restore(state: ReturnType<NetworkFold['state']>): void {
    this.fold = NetworkFold.restore(this.#options, state);
  }

  party(...name: (string | number)[]): Party {
    const key = named(...name);
    const logs = Object.fromEntries(
      LOGS.map((log) => [log, { core: named(...name, log), covered: 0, fresh: [] }]),
    ) as unknown as Party['logs'];
    const party = { key, hex: toHex(key), logs };
    for (const log of LOGS) {
      this.append(party, log, {
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

  /** @returns the entry's index */
  append(party: Party, log: LogName, record: LogRecord): number {
    const block = encodeRecord(record);
    return this.appendBlock(party, log, block);
  }

  appendBlock(party: Party, log: LogName, block: Uint8Array): number {
    const { covered, fresh } = party.logs[log];
    this.#grown.add(party);
    this.bytes += block.length;
    this.entries++;
    return covered + fresh.push(block) - 1;
  }

  /** The next cut: over everything that was written. */
  async cut(): Promise<Passed> {
    const spans: { core: Uint8Array; from: number; to: number }[] = [];
    const entries: TrustEntry[] = [];
    for (const { logs } of this.#grown) {
      for (const name of LOGS) {
        const log = logs[name];
        if (log.fresh.length === 0) continue;
        const { core, covered: from, fresh } = log;
        spans.push({ core, from, to: from + fresh.length });
        fresh.forEach((bytes, i) => entries.push({ core, index: from + i, bytes }));
        log.covered += fresh.length;
        log.fresh = [];
      }
    }
    this.#grown.clear();
    const epoch = ++this.epoch;
    this.#hash = sha256(Uint8Array.of(...this.#hash, epoch >> 8, epoch));
    const passed = await this.fold.takeCut({ epoch, hash: this.#hash, spans }, entries);
    this.witnesses.forEach((witness, i) => {
      const value = this.#chains[i]![epoch];
      if (epoch < 1 || value === undefined) return;
      this.append(witness, 'attestations', {
        type: 'beaconReveal',
        network: NETWORK,
        epoch,
        value,
      });
    });
    return passed;
  }
}

export { toHex };
