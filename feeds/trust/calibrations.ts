import { taggedHash, toHex } from '../base/mod.ts';
import { type CalibrationRecord, recordHash } from '../records/mod.ts';
import type { Known } from './logs.ts';
import type { CalibrationFacts, CalibrationRef, Hex } from './types.ts';
import type { Weights } from './weights.ts';

/** Tables of one witness that may wait for others to sign them, too. */
const MOST_WAITING = 64;
/** Tables of one model and two classes that are remembered: audits of the older ones may go on. */
const MOST_KEPT = 4;

interface Table {
  key: string;
  width: number | null;
  first: CalibrationRef;
  signers: Set<Hex>;
}

interface Trusted {
  since: number;
  width: number | null;
  ref: CalibrationRef;
}

/** What {@link Calibrations} knows. */
export interface CalibrationsState {
  waiting: Map<Hex, Table>;
  trusted: Map<string, Trusted[]>;
}

/**
 * Which calibrations a network trusts: those whose very table witnesses with more than a third of
 * the weight have written, so that at least one honest one has. An executor's or auditor's own
 * accuses nobody.
 */
export class Calibrations {
  readonly #weights: Weights;
  readonly #read: (table: Uint8Array) => CalibrationFacts | null;
  #waiting = new Map<Hex, Table>();
  /** By profile and classes, the oldest first, with the cut from which on each was trusted. */
  #trusted = new Map<string, Trusted[]>();

  constructor(
    weights: Weights,
    read: (table: Uint8Array) => CalibrationFacts | null,
  ) {
    this.#weights = weights;
    this.#read = read;
  }

  state(): CalibrationsState {
    return { waiting: this.#waiting, trusted: this.#trusted };
  }

  load({ waiting, trusted }: CalibrationsState): void {
    this.#waiting = waiting;
    this.#trusted = trusted;
  }

  /** @returns why it does not count, or null */
  take({ owner, place, record, bytes }: Known<CalibrationRecord>): string | null {
    if (!this.#weights.has(owner)) return 'its author is no witness';
    const { profile, executorClass, auditorClass } = record;
    const name = toHex(
      taggedHash('nexus/table/1', profile, executorClass, auditorClass, record.table),
    );
    let table = this.#waiting.get(name);
    if (table === undefined) {
      const facts = this.#read(record.table);
      if (facts === null) return 'its table does not hold, or its sample is too small';
      const key = keyOf(toHex(profile), toHex(executorClass), toHex(auditorClass));
      if (
        key !== keyOf(toHex(facts.profile), toHex(facts.executorClass), toHex(facts.auditorClass))
      ) {
        return 'its table is of another model or class';
      }
      const { alternatives, width = null } = facts;
      const first = { hash: toHex(recordHash(bytes)), place, alternatives };
      table = { key, width, first, signers: new Set() };
      this.#makeRoom(owner);
      this.#waiting.set(name, table);
    }
    table.signers.add(owner);
    if (3 * this.#weights.of(table.signers) <= this.#weights.total) return null;
    this.#waiting.delete(name);
    const kept = this.#trusted.get(table.key) ?? [];
    kept.push({ since: place.cut, width: table.width, ref: table.first });
    if (kept.length > MOST_KEPT) kept.shift();
    this.#trusted.set(table.key, kept);
    return null;
  }

  /**
   * The newest one that was trusted in a cut before `cut`: nobody chose it knowing the answer. For
   * classes that nobody has measured another one stands in, of equal classes for equal ones: first
   * one that shares a class, then the one with the widest null, which accuses least.
   */
  inForce(
    profile: Hex,
    executorClass: Hex | null,
    auditorClass: Hex,
    cut: number,
  ): CalibrationRef | null {
    if (executorClass === null) return null;
    const newest = (kept: readonly Trusted[]) => kept.findLast(({ since }) => since < cut);
    const own = newest(this.#trusted.get(keyOf(profile, executorClass, auditorClass)) ?? []);
    if (own !== undefined) return own.ref;
    const isEqual = executorClass === auditorClass;
    let best: { near: number; width: number; ref: CalibrationRef } | null = null;
    for (const [key, kept] of this.#trusted) {
      const [of, executor, auditor] = key.split(':');
      const found = of === profile && (executor === auditor) === isEqual ? newest(kept) : undefined;
      if (found === undefined || found.width === null) continue;
      const near = Number(executor === executorClass) + Number(auditor === auditorClass);
      const { width, ref } = found;
      const by = best === null ? 1 : near - best.near || width - best.width;
      if (by > 0 || (by === 0 && ref.hash < best!.ref.hash)) best = { near, width, ref };
    }
    return best?.ref ?? null;
  }

  #makeRoom(owner: Hex): void {
    const own = [...this.#waiting].filter(([, { signers }]) =>
      signers.size === 1 && signers.has(owner)
    );
    if (own.length >= MOST_WAITING) this.#waiting.delete(own[0]![0]);
  }
}

function keyOf(profile: Hex, executorClass: Hex, auditorClass: Hex): string {
  return `${profile}:${executorClass}:${auditorClass}`;
}
