import { NexusError, plainCopy, toHex } from '../base/mod.ts';
import { verifyEd25519 } from '../records/mod.ts';
import type { PrintEvent } from '../fingerprints/mod.ts';
import type { Refuted } from '../sampling/mod.ts';
import type { ExecutorTrust, Hex, Known, Subject, TrustEvent } from '../trust/mod.ts';
import { Audits, isFunded } from './audits.ts';
import { Bonds } from './bonds.ts';
import { Book } from './book.ts';
import { takeClaims } from './claims.ts';
import { Desk } from './desk.ts';
import { type ElectedCut, Electors } from './electors.ts';
import { Identities } from './identities.ts';
import { Jobs } from './jobs.ts';
import { Market } from './market.ts';
import { Misdeeds } from './misdeeds.ts';
import type { LedgerOptions } from './options.ts';
import { type AccountProof, proveAccount } from './prove.ts';
import { takeDue } from './release.ts';
import { Rewards } from './rewards.ts';
import { ledgerRootOf } from './root.ts';
import { Roots } from './roots.ts';
import { type Candidate, unitsOf } from './seats.ts';
import { Signatures } from './signatures.ts';
import { sortEntries, takeEntries } from './sort.ts';
import { creditOf, exposureOf, judge } from './standing.ts';
import { LEDGER_STATE, type LedgerState } from './state.ts';
import type { Account, EpochSummary, LedgerEvent, LedgerView, MicroNcu, Price } from './types.ts';
import { LedgerWorld, MOST_KEPT } from './world.ts';

/**
 * The ledger's fold. Deterministic, in whole numbers alone: the same cuts with the same entries and
 * what trust concludes of them give the same root.
 */
export class LedgerFold {
  readonly #options: LedgerOptions;
  readonly #world: LedgerWorld;
  readonly #book: Book;
  readonly #market: Market;
  readonly #desk: Desk;
  readonly #jobs: Jobs;
  readonly #bonds: Bonds;
  readonly #rewards: Rewards;
  readonly #electors: Electors;
  readonly #roots: Roots;
  readonly #identities: Identities;
  readonly #misdeeds: Misdeeds;
  readonly #signatures: Signatures;
  readonly #epochs: EpochSummary[];
  #epoch: number | null;
  #root: Uint8Array;
  #changed: readonly Account[];
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: LedgerOptions, state?: LedgerState) {
    const { terms, audit, witnesses } = options;
    this.#options = options;
    const verify = options.verify ?? verifyEd25519;
    this.#world = new LedgerWorld(terms, audit);
    this.#book = new Book(state?.totals, state?.members);
    this.#market = new Market(this.#world, state?.market);
    this.#desk = new Desk(this.#book, this.#market, this.#world);
    this.#signatures = new Signatures(verify);
    this.#jobs = new Jobs(this.#desk, this.#signatures, state?.jobs);
    this.#bonds = new Bonds(this.#book, this.#world);
    this.#rewards = new Rewards(state?.rewards);
    this.#electors = new Electors(witnesses, state?.electors);
    this.#roots = new Roots(this.#electors, state?.roots);
    this.#identities = new Identities(this.#book, this.#world, state?.identities);
    this.#misdeeds = new Misdeeds(
      {
        jobs: this.#jobs,
        desk: this.#desk,
        signatures: this.#signatures,
        owners: this.#identities.owners,
        audit,
        verify,
      },
      state?.misdeeds,
    );
    this.#epochs = state?.epochs ?? [];
    this.#epoch = state?.epoch ?? null;
    this.#world.findings = state?.findings ?? [];
    this.#world.findingCount = state?.findingCount ?? 0;
    if (state === undefined) this.#identities.begin(terms.genesis);
    this.#changed = this.#book.changed;
    this.#root = this.#rootNow();
  }

  /**
   * Goes on from where another fold of the same network was.
   * @throws {NexusError} `STATE_UNKNOWN` for a state that another version of this program made
   */
  static restore(options: LedgerOptions, state: LedgerState): LedgerFold {
    if (state.version !== LEDGER_STATE) {
      throw new NexusError('STATE_UNKNOWN', 'the state is of another version of this program', {
        hint: 'fold from the first cut',
      });
    }
    const fold = new LedgerFold(options, plainCopy(state));
    if (toHex(fold.root) === state.root) return fold;
    throw new NexusError('STATE_BROKEN', 'the state does not lead to the root that it names', {
      hint: 'fold from the first cut',
    });
  }

  /** Epoch of the newest cut; null before the first. */
  get epoch(): number | null {
    return this.#epoch;
  }

  /** 32 bytes; equal for all who took the same cuts. */
  get root(): Uint8Array {
    return this.#root;
  }

  /**
   * Takes the next cut.
   * @param known entries that it covers, in the order of cores and indices: `TrustFold.known`
   * @param trust what the trust fold concluded of the same cut
   * @param executor executors' records after it
   * @param refuted proofs that the same cut shows to be wrong
   * @param prints what was concluded of machines in it
   * @returns what follows
   * @throws {NexusError} `LEDGER_WRONG_CUT` if it is not the next one; nothing has changed then
   */
  takeCut(
    cut: ElectedCut,
    known: readonly Known[],
    trust: readonly TrustEvent[],
    executor: (key: Hex) => ExecutorTrust | null,
    refuted: readonly Refuted[] = [],
    prints: readonly PrintEvent[] = [],
  ): Promise<LedgerEvent[]> {
    const taken = this.#last.then(() => this.#take(cut, known, trust, executor, refuted, prints));
    this.#last = taken.catch(() => {});
    return taken;
  }

  async #take(
    cut: ElectedCut,
    known: readonly Known[],
    trust: readonly TrustEvent[],
    executor: (key: Hex) => ExecutorTrust | null,
    refuted: readonly Refuted[],
    prints: readonly PrintEvent[],
  ): Promise<LedgerEvent[]> {
    const next = (this.#epoch ?? -1) + 1, { epoch } = cut;
    if (epoch !== next) {
      throw new NexusError('LEDGER_WRONG_CUT', `cut ${epoch} came, cut ${next} is the next`, {
        hint: 'take the cuts one after the other, from the first',
      });
    }
    this.#world.cut = epoch;
    this.#electors.take(cut, this.#roots.oldest);
    this.#desk.begin();
    const sorted = sortEntries(known, (entry) => this.#identities.see(entry));
    takeEntries(sorted, this.#market, this.#bonds, this.#jobs);
    await this.#signatures.run();
    const audits = new Audits(this.#desk, this.#jobs, this.#signatures, executor);
    for (const event of trust) {
      if (event.type === 'finding') this.#verdictUnknown(event);
      else audits.take(event);
    }
    await this.#misdeeds.take(sorted, trust, refuted);
    takeDue(this.#jobs, this.#desk);
    this.#jobs.conclude();
    this.#bonds.release();
    const vouched = sorted.ledgerRoot.filter((entry) => this.#roots.take(entry, this.#world))
      .map(({ owner }) => owner);
    this.#rewards.measured(prints, this.#desk);
    const voices = sorted.witnesses(this.#electors.now, vouched, trust);
    this.#rewards.conclude(audits, voices, this.#desk);
    takeClaims(prints, audits.judged, this.#desk);
    judge(audits.judged, this.#desk);
    this.#market.conclude(this.#world, this.#options.audit.epochMs);
    this.#epoch = epoch;
    this.#summarise();
    return this.#world.take();
  }

  #verdictUnknown({ finding }: TrustEvent & { type: 'finding' }): void {
    const { code, place, detail } = finding;
    if (code !== 'unknown-subject') return;
    this.#world.refuse(
      'verdict-unknown',
      place,
      this.#identities.owners.get(place.core) ?? '',
      detail,
    );
  }

  #summarise(): void {
    this.#changed = this.#book.changed;
    this.#root = this.#rootNow();
    const epoch = this.#epoch!, root = toHex(this.#root);
    const summary = { epoch, root, ...this.#desk.turnover, accounts: this.#book.size };
    this.#roots.add(epoch, root);
    this.#epochs.push(summary);
    if (this.#epochs.length > MOST_KEPT) this.#epochs.shift();
    this.#world.emit({ type: 'epoch', summary });
  }

  #rootInput() {
    return {
      network: this.#options.network,
      epoch: this.#epoch,
      accounts: this.#book.tree(),
      totals: this.#book.totals,
      prices: this.#market.prices(),
    };
  }

  #rootNow(): Uint8Array {
    return ledgerRootOf(this.#rootInput());
  }

  /** Accounts that the newest cut has changed, as they are now: all of them before the first. */
  get changed(): readonly Account[] {
    return this.#changed;
  }

  /** The present state of an account; null where there is none. */
  account(key: Hex): Account | null {
    const member = this.#book.get(key);
    return member === undefined ? null : { ...member.account };
  }

  /** Who may have bonds enough for a seat among the witnesses. */
  *candidates(): Generator<Candidate> {
    for (const { account } of this.#book.members()) if (account.bonded > 0) yield account;
  }

  /** Whether an identity has a bond that may give it a seat. */
  mayStand(key: Hex): boolean {
    const account = this.#book.get(key)?.account;
    return account !== undefined && unitsOf(account) > 0;
  }

  /** The market price of a profile; null: it is not in the table and earns nothing. */
  priceOf(profile: Hex): Price | null {
    return this.#market.price(profile);
  }

  /** Whether an account can spend so much: what it has, and the credit that is left to it. */
  quote(
    requester: Hex,
    need: MicroNcu,
  ): { need: MicroNcu; has: MicroNcu; credit: MicroNcu; ok: boolean } {
    const member = this.#book.get(requester);
    const has = member?.account.available ?? 0;
    const credit = member === undefined ? 0 : creditOf(member, this.#world);
    return { need, has, credit, ok: need <= has + credit };
  }

  /** An executor's earnings that may yet be taken back, and what of them its bond covers: bond / n. */
  exposure(executor: Hex): { unsettled: MicroNcu; cap: MicroNcu; covered: boolean; n: number } {
    return exposureOf(this.#book.get(executor), this.#options.audit, this.#world.rules);
  }

  /** Whether money was held for what is to be audited. */
  isFunded(subject: Subject): boolean {
    return isFunded(subject, this.#jobs, this.#market);
  }

  view(): LedgerView {
    return {
      epoch: this.#epoch,
      root: toHex(this.#root),
      certified: this.#roots.certified,
      differs: this.#roots.differs,
      fields: this.#roots.fields,
      electorate: this.#electors.view(),
      totals: { ...this.#book.totals },
      accounts: this.#book.members().map(({ account }) => ({ ...account })),
      prices: this.#market.prices(),
      epochs: [...this.#epochs],
      slashes: [...this.#misdeeds.slashes],
      findings: [...this.#world.findings],
      findingCount: this.#world.findingCount,
    };
  }

  /**
   * Proves an account against the root.
   * @throws {NexusError} `ACCOUNT_UNKNOWN`
   */
  prove(key: Hex): AccountProof {
    const account = this.account(key);
    return proveAccount(this.#rootInput(), account ?? ({ key } as Account));
  }

  /** Everything that the next cuts depend on; not while one is being taken. */
  state(): LedgerState {
    return plainCopy<LedgerState>({
      version: LEDGER_STATE,
      epoch: this.#epoch,
      root: toHex(this.#root),
      totals: this.#book.totals,
      members: this.#book.members(),
      jobs: this.#jobs.state(),
      market: this.#market.state(),
      rewards: this.#rewards.state(),
      roots: this.#roots.state(),
      electors: this.#electors.state(),
      identities: this.#identities.state(),
      misdeeds: this.#misdeeds.state(),
      epochs: this.#epochs,
      findings: this.#world.findings,
      findingCount: this.#world.findingCount,
    });
  }
}
