import { ncuText, NexusError, toHex } from '../../feeds/base/mod.ts';
import {
  type Account,
  type AccountProof,
  escrowFor,
  type LedgerEvent,
  type LedgerTerms,
  type LedgerView,
  type MicroNcu,
  mulPpm,
  ownStakeOf,
  type Price,
} from '../../feeds/ledger/mod.ts';
import type { Purse, Spending, TokenCosts } from '../job/mod.ts';
import type { Standing } from '../router/mod.ts';
import { BondsAhead } from './ledger_bonds.ts';
import { Holds } from './ledger_holds.ts';

/** The ledger after the newest cut, as far as a node asks it. */
export interface PresentLedger {
  readonly epoch: number | null;
  readonly root: Uint8Array;
  /** Accounts that the newest cut has changed. */
  readonly changed: readonly Account[];
  account(key: string): Account | null;
  priceOf(profile: string): Price | null;
  quote(requester: string, need: MicroNcu): { has: MicroNcu; credit: MicroNcu };
  exposure(executor: string): {
    unsettled: MicroNcu;
    cap: MicroNcu;
    covered: boolean;
    n: number;
  };
  view(): LedgerView;
  prove(key: string): AccountProof;
}

/** What one identity may spend. */
export interface Funds {
  /** Available, credit that it may draw, and what is set aside of both. */
  has: MicroNcu;
  credit: MicroNcu;
  held: MicroNcu;
}

export interface NodeLedgerOptions {
  terms: LedgerTerms;
  /** Identity key of this node. */
  me: Uint8Array;
  /** Of the network. */
  rules: { maxPrice: number; epochMs: number };
  /** Milliseconds of a clock that only goes forward. */
  tick?: () => number;
}

const ALL = 1_000_000;
/** Answers that one requester may owe here whose offers its log does not show to the witnesses. */
const MOST_LATE = 8;
/** Cuts that come closer than that are old ones, milliseconds. */
const CALM_MS = 1000;

/** Money as a node sees it now: what it and its peers may spend, what work costs, who is to be trusted. */
export class NodeLedger {
  readonly terms: LedgerTerms;
  readonly #me: string;
  readonly #costs: ReadonlyMap<string, TokenCosts>;
  readonly #genesis: ReadonlyMap<string, MicroNcu>;
  readonly #maxPrice: number;
  readonly #holds = new Holds();
  /** Of this node. */
  readonly bonds: BondsAhead;
  /** For the own jobs of this node at others. */
  readonly ownPurse: Purse;
  /** For jobs that are offered to this node; its own cost nothing. */
  readonly peerPurse: Purse;
  readonly #calmMs: number;
  readonly #tick: () => number;
  #fold: PresentLedger | null = null;
  #calm = false;
  /** When the newest cut was folded. */
  #at: number | null = null;

  constructor({ terms, me, rules, tick = () => performance.now() }: NodeLedgerOptions) {
    this.terms = terms;
    this.#me = toHex(me);
    this.bonds = new BondsAhead(this.#me);
    this.#maxPrice = rules.maxPrice;
    this.#calmMs = Math.min(CALM_MS, rules.epochMs / 2);
    this.#tick = tick;
    this.#costs = new Map(terms.coefficients.map(({ profile, prompt, output }) => [
      toHex(profile),
      { prompt, output },
    ]));
    this.ownPurse = this.#purse((need, funds) => this.#ownRefusal(need, funds));
    this.peerPurse = this.#purse((need, funds) => this.#peerRefusal(need, funds), this.#me);
    this.#genesis = new Map(terms.genesis.map(({ key, amount }) => [toHex(key), amount]));
  }

  /** Null before the first cut is folded. */
  get fold(): PresentLedger | null {
    return this.#fold;
  }

  /** Old cuts are still being folded: what is known may be old. */
  get reading(): boolean {
    this.#look();
    return !this.#calm;
  }

  /** The cuts that have come are folded. */
  settled(fold: PresentLedger): void {
    this.#fold = fold;
  }

  /** A cut was folded. */
  took(events: readonly LedgerEvent[], epoch: number): void {
    // Or who first asks right after a cut would be told that it is an old one.
    this.#look();
    this.#at = this.#tick();
    this.#holds.took(events, epoch, this.terms.rules.settleCuts);
    this.bonds.took(events);
  }

  account(key: Uint8Array): Account | null {
    return this.#fold?.account(toHex(key)) ?? null;
  }

  /** It neither earns nor spends any more. */
  banned(key: Uint8Array): boolean {
    return this.account(key)?.status === 'banned';
  }

  /** Null as long as nothing is known of anybody. */
  standing(executor: Uint8Array): Standing | null {
    if (this.#fold === null) return null;
    const { covered } = this.#fold.exposure(toHex(executor));
    return { reputation: (this.account(executor)?.reputation ?? 0) / ALL, covered };
  }

  /** In which proportion a profile's tokens cost; null where they earn nothing. */
  costsOf(profile: Uint8Array): TokenCosts | null {
    return this.#costs.get(toHex(profile)) ?? null;
  }

  /** Market price, micro-NCU an output token; null where the profile earns nothing. */
  marketPrice(profile: Uint8Array): number | null {
    return this.#fold?.priceOf(toHex(profile))?.output ?? this.costsOf(profile)?.output ?? null;
  }

  /**
   * What to ask for an output token: the market price, or as near to the wish as the band allows. What
   * earns nothing is done for nothing.
   */
  askedPrice(profile: Uint8Array, wish: number | null): number {
    const market = this.marketPrice(profile);
    if (market === null) return 0;
    const { askBand } = this.terms.rules;
    const [least, most] = [mulPpm(market, ALL - askBand), mulPpm(market, ALL + askBand)];
    return Math.min(this.#maxPrice, Math.max(least, Math.min(most, wish ?? market)));
  }

  /**
   * What to offer for an output token, at most.
   * @param asked prices that executors announce now: what tells most where no new cut is known
   */
  priceCap(profile: Uint8Array, asked: readonly number[] = []): number {
    const market = this.marketPrice(profile);
    if (market === null) return this.#maxPrice;
    const { askBand, priceLeast, priceMost } = this.terms.rules;
    const sorted = [...asked].sort((a, b) => a - b);
    const median = this.#isOld ? sorted[sorted.length >> 1] ?? market : market;
    const bounded = Math.min(
      mulPpm(market, priceMost),
      Math.max(mulPpm(market, priceLeast), median),
    );
    return Math.min(this.#maxPrice, mulPpm(bounded, ALL + askBand));
  }

  /** What is there to be spent or bonded now, without credit. @param key hexadecimal */
  freeOf(key: string): MicroNcu {
    const { has, held } = this.fundsOf(key);
    return Math.max(0, has - held);
  }

  /** What of an account's bond may be asked back: it neither is already, nor stands for credit. */
  bondOf(key: string): MicroNcu {
    const account = this.#fold?.account(key) ?? null;
    if (account === null) return 0;
    const ahead = key === this.#me ? this.bonds.of('unbond') : 0;
    return Math.max(0, ownStakeOf(account) - ahead);
  }

  /** @param key hexadecimal */
  fundsOf(key: string): Funds {
    const bonds = key === this.#me ? this.bonds.of('bond') : 0;
    const held = this.#holds.of(key) + bonds;
    const account = this.#fold?.account(key) ?? null;
    if (account !== null) {
      const { has, credit } = this.#fold!.quote(key, 0);
      return { has, credit, held };
    }
    // With its first entry in a cut it has this.
    return { has: this.#genesis.get(key) ?? this.terms.rules.grant, credit: 0, held };
  }

  #purse(refusal: (need: MicroNcu, funds: Funds) => NexusError | null, free?: string): Purse {
    const look = (spending: Spending): { need: MicroNcu; error: NexusError | null } => {
      const payer = toHex(spending.requester);
      const costs = this.costsOf(spending.profile);
      const need = costs === null || payer === free ? 0 : escrowFor(spending, costs);
      if (need === 0) return { need, error: null };
      if (this.#holds.taken(spending.job, spending.attempt, offerOf(spending))) {
        return { need, error: takenRefusal() };
      }
      // It is counted already, late or not.
      if (this.#holds.has(spending.job, spending.attempt)) return { need: 0, error: null };
      const funds = this.fundsOf(payer);
      const enough = need <= funds.has + funds.credit - funds.held;
      if (enough && (payer === this.#me || this.#holds.late(payer) < MOST_LATE)) {
        return { need, error: null };
      }
      return { need, error: enough ? this.#lateRefusal() : refusal(need, funds) };
    };
    return {
      refuse: (spending) => look(spending).error,
      reserve: (spending) => {
        const { need, error } = look(spending);
        if (error !== null || need === 0) return error;
        const { requester, job, attempt } = spending;
        const epoch = this.#fold?.epoch ?? -1;
        const offer = offerOf(spending);
        this.#holds.add(toHex(requester), job, attempt, { amount: need, epoch, offer });
        return null;
      },
      settle: (job, attempt, cost) => this.#holds.shrink(job, attempt, cost),
    };
  }

  #ownRefusal(need: MicroNcu, { has, credit, held }: Funds): NexusError | null {
    // Somebody else may know more.
    if (this.#isOld) return null;
    const free = Math.max(0, has + credit - held);
    const aside = held === 0
      ? ''
      : ` (${ncuText(held)} NCU are set aside for other prompts, or for a bond)`;
    return new NexusError(
      'NCU_SHORT',
      `the answer may cost ${ncuText(need)} NCU, and ${ncuText(free)} NCU can be spent${aside}`,
      {
        stage: 'offer',
        hint: 'see `nexus balance`; ask for a shorter answer (--max-tokens), run it here ' +
          '(--where local), or earn by lending this machine: `nexus up`',
      },
    );
  }

  get #isOld(): boolean {
    return this.#fold === null || this.reading;
  }

  #look(): void {
    this.#calm ||= this.#at !== null && this.#tick() - this.#at > this.#calmMs;
  }

  #lateRefusal(): NexusError {
    return new NexusError('UNFUNDED', `${MOST_LATE} earlier jobs of it stand in no cut`, {
      stage: 'admission',
      hint: 'let the node of the requester run until its log is with the witnesses: nexus up',
    });
  }

  #peerRefusal(need: MicroNcu, { has, credit, held }: Funds): NexusError {
    const free = Math.max(0, has + credit - held);
    if (this.reading) {
      return new NexusError('NOT_READY', 'the ledger is still being read here', {
        stage: 'admission',
        hint: 'ask another node, or ask again in a moment',
      });
    }
    return new NexusError(
      'UNFUNDED',
      `the job may cost ${ncuText(need)} NCU, and its requester can spend ${ncuText(free)} NCU`,
      { stage: 'admission', hint: 'see `nexus balance`; ask for a shorter answer' },
    );
  }
}

function offerOf({ offer }: Spending): string | null {
  return offer === null ? null : toHex(offer);
}

function takenRefusal(): NexusError {
  return new NexusError('UNFUNDED', 'another offer of the same attempt is known', {
    stage: 'admission',
    hint: 'offer it as the next attempt of the job',
  });
}
