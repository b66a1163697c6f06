import type { PrintEvent } from '../../feeds/fingerprints/mod.ts';
import type { FigureHistoryRow } from '../control/mod.ts';

const MOST_ROWS = 32, MOST_MACHINES = 512;

/** A row, and the cut that brought it, for as long as nobody knows when that was. */
interface Kept {
  row: FigureHistoryRow;
  epoch: number | null;
}

/** What was measured, claimed and attested of machines, the newest of each. */
export class MachineHistory {
  readonly #rows = new Map<string, Kept[]>();
  #isDated = true;

  /** Oldest first; by executor and profile, both hexadecimal, with a colon between them. */
  get all(): ReadonlyMap<string, FigureHistoryRow[]> {
    return new Map(
      [...this.#rows].map(([name, kept]) => [
        name,
        kept.flatMap(({ row, epoch }) => epoch === null ? row : []),
      ]),
    );
  }

  add(executor: string, profile: string, row: FigureHistoryRow): void {
    this.#add(executor, profile, { row, epoch: null });
  }

  /** Takes what a cut says of machines; it shows once the date of the cut is known. */
  took(epoch: number, events: readonly PrintEvent[]): void {
    for (const event of events) {
      if (event.type === 'claimed') {
        const { executor, profile, claim: { at, prefill, decode } } = event;
        const row = { at, source: 'claim' as const, by: executor, ...rates(prefill, decode) };
        this.#add(executor, profile, { row, epoch });
      } else if (event.type === 'attested') {
        const { executor, profile, prefillRate, decodeRate, by } = event.attested;
        const figures = rates(prefillRate, decodeRate);
        const row = { at: Infinity, source: 'attestation' as const, by: by[0] ?? '', ...figures };
        this.#add(executor, profile, { row, epoch });
      }
    }
  }

  /**
   * Dates what cuts have brought: old ones are read long after they were made. A claim is no younger
   * than its cut, whatever it says.
   * @param newest cut of all, which is of now
   * @param now milliseconds since 1970
   */
  settled(newest: number, now: number, epochMs: number): void {
    if (this.#isDated) return;
    this.#isDated = true;
    for (const kept of [...this.#rows.values()].flat()) {
      if (kept.epoch === null) continue;
      kept.row = { ...kept.row, at: Math.min(kept.row.at, now - (newest - kept.epoch) * epochMs) };
      kept.epoch = null;
    }
  }

  #add(executor: string, profile: string, kept: Kept): void {
    if (kept.epoch !== null) this.#isDated = false;
    const name = `${executor}:${profile}`;
    const rows = [...this.#rows.get(name) ?? [], kept];
    this.#rows.set(name, rows.slice(-MOST_ROWS));
    if (this.#rows.size > MOST_MACHINES) this.#rows.delete(this.#rows.keys().next().value!);
  }
}

/** @param prefill of thousandths, as is `decode` */
function rates(prefill: number, decode: number) {
  return { prefill: prefill / 1000, decode: decode / 1000 };
}
