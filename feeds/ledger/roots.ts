import { toHex } from '../base/mod.ts';
import type { LedgerRootRecord } from '../records/mod.ts';
import type { Hex, Known } from '../trust/mod.ts';
import type { Electors } from './electors.ts';
import type { Certified, Differing, FieldRoots } from './types.ts';
import type { LedgerWorld } from './world.ts';

/** Epochs back for which a witness may still vouch. */
const MOST_EPOCHS = 256;

/** What witnesses say of one thing: each root that was named, and by whom. */
type Words = { root: Hex; by: Hex[] }[];

interface Vouched {
  epoch: number;
  root: Hex;
  /** Witnesses that came to the same root. */
  by: Hex[];
  /** And who came to other ones. */
  others: Words;
  /** Of trees of field elements: whoever reads the cuts does not build them. */
  accounts: Words;
  receipts: Words;
}

/** What the roots keep from cut to cut. Plain data. */
export interface RootsState {
  vouched: Vouched[];
  certified: { epoch: number; root: Hex } | null;
  differs: Differing | null;
}

/** The roots so far, and which of them witnesses vouch for: of each epoch those who certified its cut. */
export class Roots {
  readonly #electors: Electors;
  readonly #vouched: Vouched[];
  #certified: RootsState['certified'];
  #differs: RootsState['differs'];

  constructor(
    electors: Electors,
    state: RootsState = { vouched: [], certified: null, differs: null },
  ) {
    this.#electors = electors;
    this.#vouched = state.vouched;
    this.#certified = state.certified;
    this.#differs = state.differs;
  }

  /** The newest root that more than 2/3 of the weight vouch for, with the field roots of that epoch. */
  get certified(): Certified | null {
    const { epoch, root } = this.#certified ?? {};
    if (epoch === undefined || root === undefined) return null;
    const found = this.#vouched.find((one) => one.epoch === epoch);
    return { root, ...this.#fieldsOf(epoch, found) };
  }

  /** The first epoch of which the witnesses certify another root than follows here. */
  get differs(): Differing | null {
    return this.#differs;
  }

  /** Field roots that more than 2/3 of the weight vouch for, oldest first. */
  get fields(): FieldRoots[] {
    return this.#vouched.map((one) => this.#fieldsOf(one.epoch, one))
      .filter(({ accounts, receipts }) => accounts !== null || receipts !== null);
  }

  /** The oldest epoch for which a witness may vouch. */
  get oldest(): number {
    return this.#vouched[0]?.epoch ?? 0;
  }

  add(epoch: number, root: Hex): void {
    this.#vouched.push({ epoch, root, by: [], others: [], accounts: [], receipts: [] });
    if (this.#vouched.length > MOST_EPOCHS) this.#vouched.shift();
  }

  /**
   * A witness says what it came to. Only its first word on an epoch counts.
   * @returns whether it does, right or wrong
   */
  take({ owner, place, record }: Known<LedgerRootRecord>, world: LedgerWorld): boolean {
    if (!this.#electors.at(record.epoch).has(owner)) return false;
    const found = this.#vouched[record.epoch - this.oldest];
    if (found === undefined || hasSpoken(found, owner)) return false;
    const { epoch, root, by, others } = found, theirs = toHex(record.root);
    if (theirs !== root) {
      world.refuse('root-mismatch', place, owner, `${theirs} after epoch ${epoch}`);
      this.#differ(found, theirs, hear(others, record.root, owner), world);
      return true;
    }
    by.push(owner);
    hear(found.accounts, record.accounts, owner);
    hear(found.receipts, record.receipts, owner);
    if (!this.#isEnough(by, epoch) || epoch <= (this.#certified?.epoch ?? -1)) return true;
    this.#certified = { epoch, root };
    world.emit({ type: 'certified', epoch, root });
    return true;
  }

  state(): RootsState {
    return { vouched: this.#vouched, certified: this.#certified, differs: this.#differs };
  }

  /** The earliest one is kept, in whatever order the words of a cut come: what follows is its consequence. */
  #differ({ epoch, root }: Vouched, certified: Hex, by: readonly Hex[], world: LedgerWorld): void {
    if (!this.#isEnough(by, epoch) || epoch >= (this.#differs?.epoch ?? Infinity)) return;
    this.#differs = { epoch, root, certified };
    world.emit({ type: 'differs', ...this.#differs });
  }

  #isEnough(by: readonly Hex[], epoch: number): boolean {
    const weights = this.#electors.at(epoch);
    return 3 * weights.of(by) > 2 * weights.total;
  }

  #fieldsOf(epoch: number, found: Vouched | undefined): FieldRoots {
    const best = (words: Words = []) =>
      words.find(({ by }) => this.#isEnough(by, epoch))?.root ?? null;
    return { epoch, accounts: best(found?.accounts), receipts: best(found?.receipts) };
  }
}

function hasSpoken({ by, others }: Vouched, owner: Hex): boolean {
  return by.includes(owner) || others.some((one) => one.by.includes(owner));
}

/**
 * Each witness is heard once an epoch, so that there are no more words than witnesses.
 * @returns all who said the same
 */
function hear(words: Words, said: Uint8Array | null, owner: Hex): readonly Hex[] {
  if (said === null) return [];
  const root = toHex(said), known = words.find((one) => one.root === root);
  if (known === undefined) words.push({ root, by: [owner] });
  else known.by.push(owner);
  return known?.by ?? [owner];
}
