import type { LedgerRootRecord } from '../../feeds/records/mod.ts';

/** Epochs whose roots are logged late, at most: of older ones others have said enough. */
const MOST_LATE = 64;

/** The ledger's roots that a witness has folded and not logged. */
export class RootLog {
  readonly #network: Uint8Array;
  #roots: { epoch: number; root: Uint8Array }[] = [];

  constructor(network: Uint8Array) {
    this.#network = network;
  }

  /** An epoch's cut was folded. */
  folded(epoch: number, root: Uint8Array): void {
    this.#roots = this.#roots.filter((one) => one.epoch < epoch).slice(1 - MOST_LATE);
    this.#roots.push({ epoch, root: root.slice() });
  }

  /** What is to be logged now. @param logged newest epoch of which the own log has a root; -1: none */
  due(logged: number): LedgerRootRecord[] {
    this.#roots = this.#roots.filter(({ epoch }) => epoch > logged);
    const network = this.#network;
    return this.#roots.map(({ epoch, root }) => ({ type: 'ledgerRoot', network, epoch, root }));
  }

  /** These stand in the own log now. */
  logged(records: readonly LedgerRootRecord[]): void {
    const last = Math.max(-1, ...records.map(({ epoch }) => epoch));
    this.#roots = this.#roots.filter(({ epoch }) => epoch > last);
  }
}
