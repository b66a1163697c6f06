import type { EquivocationRecord, VerifyFunction } from '../records/mod.ts';
import type { Refuted } from '../sampling/mod.ts';
import type { Hex, Known, TrustEvent, TrustRules } from '../trust/mod.ts';
import type { Desk } from './desk.ts';
import type { Jobs } from './jobs.ts';
import { judgeEquivocation } from './misconduct.ts';
import { type Misdeed, misdeedOf, punish } from './punish.ts';
import type { Contradiction, Signatures } from './signatures.ts';
import type { Sorted } from './sort.ts';
import type { Slash } from './types.ts';
import { MOST_KEPT } from './world.ts';

/** What the misdeeds keep from cut to cut. Plain data. */
export interface MisdeedsState {
  /** Those that an entry proved, each counts once. */
  known: Hex[];
  slashes: Slash[];
}

/** Where misdeeds are looked for and what is done about them. */
interface Court {
  jobs: Jobs;
  desk: Desk;
  signatures: Signatures;
  /** Identity of each core. */
  owners: ReadonlyMap<Hex, Hex>;
  audit: Pick<TrustRules, 'auditRamp' | 'auditFloor'>;
  verify: VerifyFunction;
}

/** Finds what is proven in a cut, and punishes it. */
export class Misdeeds {
  readonly #court: Court;
  readonly #known: Set<Hex>;
  readonly slashes: Slash[];

  constructor(court: Court, state: MisdeedsState = { known: [], slashes: [] }) {
    this.#court = court;
    this.#known = new Set(state.known);
    this.slashes = state.slashes;
  }

  async take(
    sorted: Sorted,
    trust: readonly TrustEvent[],
    refuted: readonly Refuted[],
  ): Promise<void> {
    for (const entry of sorted.equivocation) this.#punish(await this.#equivocation(entry));
    for (const one of refuted) this.#punish(this.#refuted(one));
    const contradicted = new Set<string>();
    for (const found of await this.#court.signatures.run()) {
      const misdeed = this.#contradiction(found);
      // The first has taken what there was to take.
      const name = `${misdeed.offender}:${misdeed.profile}`;
      if (!contradicted.has(name)) this.#punish(misdeed);
      contradicted.add(name);
    }
    for (const event of trust) {
      if (event.type !== 'proven') continue;
      const { cheat } = event;
      this.#punish(misdeedOf(cheat, this.#court.desk.book.member(cheat.executor)));
    }
  }

  state(): MisdeedsState {
    return { known: [...this.#known], slashes: this.slashes };
  }

  async #equivocation(
    { owner, place, record }: Known<EquivocationRecord>,
  ): Promise<Misdeed | null> {
    // Those are judged with the proofs.
    if (record.proof === 'proof') return null;
    const { owners, verify, desk: { book, world } } = this.#court;
    const judged = await judgeEquivocation(record, (core) => owners.get(core) ?? null, verify);
    if ('code' in judged) {
      world.refuse(judged.code, place, owner, judged.detail);
      return null;
    }
    const { offender, cause, evidence } = judged;
    if (this.#known.has(evidence) || book.get(offender)?.account.status === 'banned') {
      world.refuse('proof-known', place, owner, 'it is punished already');
      return null;
    }
    this.#known.add(evidence);
    return { offender, cause, profile: null, subjects: [], finders: [owner], evidence: [place] };
  }

  /** It signed that it sampled as it should, with a proof that does not show it. */
  #refuted({ proof: { subject, entry }, place, finder }: Refuted): Misdeed | null {
    const { executor, profile, id, job } = subject;
    const { world, book } = this.#court.desk;
    if (book.get(executor)?.account.status === 'banned') {
      world.refuse('proof-known', place, finder, 'it is punished already');
      return null;
    }
    world.refuse('sampling-refuted', entry!.place, executor, `its proof for ${job} is wrong`);
    return {
      offender: executor,
      cause: 'proof',
      profile,
      subjects: [id],
      finders: [finder],
      evidence: [entry!.place, place],
    };
  }

  #contradiction({ attempt: { executor, profile, job }, place }: Contradiction): Misdeed {
    const { world } = this.#court.desk;
    world.refuse('digest-contradiction', place, executor, `it signed two answers to ${job}`);
    return {
      offender: executor,
      cause: 'contradiction',
      profile,
      subjects: [],
      finders: [],
      evidence: [place],
    };
  }

  #punish(misdeed: Misdeed | null): void {
    if (misdeed === null) return;
    const { jobs, desk, audit } = this.#court;
    this.slashes.push(punish(misdeed, jobs, desk, audit));
    if (this.slashes.length <= MOST_KEPT) return;
    // Keys that have nothing to lose shall not push out what somebody lost.
    const least = this.slashes.findIndex(({ amount, forfeited }) => amount + forfeited === 0);
    this.slashes.splice(Math.max(0, least), 1);
  }
}
