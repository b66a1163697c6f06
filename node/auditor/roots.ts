import type { LedgerRootRecord } from '../../feeds/records/mod.ts';

/** Epochs whose roots are logged late, at most: of older ones others have said enough. */
const MOST_LATE = 64;
/** Epochs for which a root waits for those over field elements: then it is logged without. */
const PATIENCE = 2;

/** Poseidon roots of one epoch, 32 bytes each: over all accounts, over what was paid in it. */
export interface EpochFields {
  accounts: Uint8Array | null;
  receipts: Uint8Array | null;
}

interface Folded {
  epoch: number;
  root: Uint8Array;
  /** Undefined: they are being built. */
  fields: EpochFields | undefined;
}

const NONE: EpochFields = { accounts: null, receipts: null };

/** The ledger's roots that a witness has folded and not logged. */
export class RootLog {
  readonly #network: Uint8Array;
  #roots: Folded[] = [];

  constructor(network: Uint8Array) {
    this.#network = network;
  }

  /** An epoch's cut was folded. @param building {@link built} is to be called for it */
  folded(epoch: number, root: Uint8Array, building = false): void {
    this.#roots = this.#roots.filter((one) => one.epoch < epoch).slice(1 - MOST_LATE);
    this.#roots.push({ epoch, root: root.slice(), fields: building ? undefined : NONE });
  }

  /** What was built beside the fold for an epoch. */
  built(epoch: number, fields: EpochFields): void {
    const found = this.#roots.find((one) => one.epoch === epoch);
    if (found !== undefined) found.fields = fields;
  }

  /** What is to be logged now. @param logged newest epoch of which the own log has a root; -1: none */
  due(logged: number): LedgerRootRecord[] {
    this.#roots = this.#roots.filter(({ epoch }) => epoch > logged);
    const newest = this.#roots.at(-1)?.epoch ?? 0;
    // One root after the other: the log's newest tells a restart which are still missing.
    const waits = this.#roots.findIndex(({ epoch, fields }) =>
      fields === undefined && newest - epoch < PATIENCE
    );
    const ready = waits < 0 ? this.#roots : this.#roots.slice(0, waits);
    const network = this.#network;
    return ready.map(({ epoch, root, fields = NONE }) => ({
      type: 'ledgerRoot',
      network,
      epoch,
      root,
      ...fields,
    }));
  }

  /** These stand in the own log now. */
  logged(records: readonly LedgerRootRecord[]): void {
    const last = Math.max(-1, ...records.map(({ epoch }) => epoch));
    this.#roots = this.#roots.filter(({ epoch }) => epoch > last);
  }
}
