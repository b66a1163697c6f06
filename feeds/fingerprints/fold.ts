import { fromHex, NexusError, plainCopy, taggedHash, toHex } from '../base/mod.ts';
import type { FiguresRecord, FingerprintRecord } from '../records/mod.ts';
import type { Hex, Known, TrustCut } from '../trust/mod.ts';
import { PRINT_STATE, type PrintState } from './state.ts';
import { type PrintRoster, Targets } from './targets.ts';
import type {
  Attested,
  Claim,
  PrintDuty,
  PrintEvent,
  PrintRules,
  PrintView,
  Refuted,
} from './types.ts';
import { PrintWorld } from './world.ts';

const utf8 = new TextEncoder();

/** What fingerprints are folded with: the same for all members of a network. */
export interface PrintOptions {
  /** Id of the network. */
  network: Uint8Array;
  rules: PrintRules;
  /** Who can run what, once the trust fold has taken the same cut. */
  roster: PrintRoster;
}

/** The beacon of an epoch, as the trust fold tells it. */
export interface PrintBeacon {
  epoch: number;
  /** Null: it was not formed. */
  value: Hex | null;
}

/**
 * The fold. Deterministic, in whole numbers alone: the same cuts with the same entries give the same
 * digest.
 */
export class FingerprintFold {
  readonly #world: PrintWorld;
  readonly #targets: Targets;
  readonly #challengers: Map<Hex, { done: number; missed: number }>;
  #epoch: number | null;
  #digest: Uint8Array;

  constructor({ network, rules, roster }: PrintOptions, state?: PrintState) {
    this.#world = new PrintWorld(rules);
    this.#targets = new Targets(roster, this.#world, state?.targets);
    this.#challengers = new Map(state?.challengers);
    this.#epoch = state?.epoch ?? null;
    this.#digest = state?.digest ?? taggedHash('nexus/prints-start/1', network);
    this.#world.findings = state?.findings ?? [];
    this.#world.findingCount = state?.findingCount ?? 0;
  }

  /**
   * Goes on from where another fold of the same network was.
   * @throws {NexusError} `STATE_UNKNOWN` for a state that another version of this program made
   */
  static restore(options: PrintOptions, state: PrintState): FingerprintFold {
    if (state.version === PRINT_STATE) return new FingerprintFold(options, plainCopy(state));
    throw new NexusError('STATE_UNKNOWN', 'the state is of another version of this program', {
      hint: 'fold from the first cut',
    });
  }

  /** Epoch of the newest cut; null before the first. */
  get epoch(): number | null {
    return this.#epoch;
  }

  /** 32 bytes; equal for all who took the same cuts. */
  get digest(): Uint8Array {
    return this.#digest;
  }

  /**
   * Takes the next cut, after the trust fold has.
   * @param known entries that it covers, in the order of cores and indices: `TrustFold.known`
   * @param beacons what the trust fold says of the beacons that stand in it
   * @returns what follows
   * @throws {NexusError} `PRINTS_WRONG_CUT` if it is not the next one; nothing has changed then
   */
  takeCut(
    { epoch, hash }: Pick<TrustCut, 'epoch' | 'hash'>,
    known: readonly Known[],
    beacons: readonly PrintBeacon[],
  ): PrintEvent[] {
    const next = (this.#epoch ?? -1) + 1;
    if (epoch !== next) {
      throw new NexusError('PRINTS_WRONG_CUT', `cut ${epoch} came, cut ${next} is the next`, {
        hint: 'take the cuts one after the other, from the first',
      });
    }
    this.#world.cut = epoch;
    for (const entry of known) {
      if (entry.record.type === 'figures') this.#targets.claim(entry as Known<FiguresRecord>);
    }
    for (const entry of known) {
      if (entry.record.type === 'fingerprint') {
        this.#targets.measure(entry as Known<FingerprintRecord>);
      }
    }
    this.#targets.look(known);
    for (const { duties } of this.#targets.advance()) this.#count(duties);
    if (this.#world.rules.printChallengers > 0) {
      for (const { epoch, value } of beacons) {
        if (value !== null) this.#targets.draw({ epoch, value: fromHex(value) });
      }
    }
    this.#targets.forget();
    this.#epoch = epoch;
    const events = this.#world.take();
    const text = utf8.encode(JSON.stringify(events));
    this.#digest = taggedHash('nexus/prints/1', this.#digest, hash, text);
    return events;
  }

  #count(duties: readonly PrintDuty[]): void {
    for (const { challenger, state } of duties) {
      // Ended by the executor, or held up by nobody knows whom: neither done nor missed.
      if (state === 'drawn' || state === 'stalled') continue;
      const { done, missed } = this.#challengers.get(challenger) ?? { done: 0, missed: 0 };
      const counted = state === 'missed'
        ? { done, missed: missed + 1 }
        : { done: done + 1, missed };
      this.#challengers.set(challenger, counted);
    }
  }

  /** The class that challengers attest of an executor with a profile; null where none holds. */
  attested(executor: Hex, profile: Hex): Attested | null {
    return this.#targets.get(executor, profile)?.attested ?? null;
  }

  /** Why the claim of an executor does not hold, where challengers agree on no class; null: it may. */
  refuted(executor: Hex, profile: Hex): Refuted | null {
    return this.#targets.get(executor, profile)?.refuted ?? null;
  }

  /** What an executor claims of a profile. */
  claim(executor: Hex, profile: Hex): Claim | null {
    return this.#targets.get(executor, profile)?.claim ?? null;
  }

  /** Duties of a challenger that are not over, those that are due first before others. */
  owedBy(challenger: Hex): PrintDuty[] {
    return this.#targets.all().flatMap(({ period }) =>
      period === null || period.evidence.said.has(challenger) ? [] : period.duties
    )
      .filter((duty) => duty.challenger === challenger && duty.state === 'drawn')
      .sort((a, b) => a.due - b.due);
  }

  view(): PrintView {
    const challengers = [...this.#challengers].sort(([a], [b]) => a < b ? -1 : 1);
    return {
      epoch: this.#epoch,
      digest: toHex(this.#digest),
      rows: this.#targets.rows(),
      challengers: challengers.map(([challenger, counts]) => ({ challenger, ...counts })),
      findings: [...this.#world.findings],
      findingCount: this.#world.findingCount,
    };
  }

  /** Everything that the next cuts depend on. */
  state(): PrintState {
    return plainCopy<PrintState>({
      version: PRINT_STATE,
      epoch: this.#epoch,
      digest: this.#digest,
      targets: this.#targets.state(),
      challengers: [...this.#challengers],
      findings: this.#world.findings,
      findingCount: this.#world.findingCount,
    });
  }
}
