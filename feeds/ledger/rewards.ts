import { toHex } from '../base/mod.ts';
import type { Hex } from '../trust/mod.ts';
import type { Audits } from './audits.ts';
import { mulPpm } from './cost.ts';
import type { Desk } from './desk.ts';
import type { Member } from './member.ts';
import type { MicroNcu } from './types.ts';

/** What is yet to be paid out of burned fees, for want of who should have it. Plain data. */
export interface RewardsState {
  auditors: MicroNcu;
  witnesses: MicroNcu;
}

/** Pays out again, for audits, cuts and work, what payments burned; never more than that. */
export class Rewards {
  readonly #weights: ReadonlyMap<Hex, number>;
  readonly #left: RewardsState;

  constructor(
    witnesses: readonly { key: Uint8Array; weight: number }[],
    state: RewardsState = { auditors: 0, witnesses: 0 },
  ) {
    this.#weights = new Map(witnesses.map(({ key, weight }) => [toHex(key), weight]));
    this.#left = { ...state };
  }

  /** @param present witnesses of whom the cut covers something that only a witness writes */
  conclude({ done, missed, faults }: Audits, present: ReadonlySet<Hex>, desk: Desk): void {
    this.#fine(missed, desk.world.rules.missedFine, desk);
    this.#fine(faults, desk.world.rules.faultFine, desk);
    const { rules } = desk.world;
    // What an executor has of the fee for its own work can be no more than that fee.
    for (const [member, fee] of sorted(desk.earners)) {
      const share = mulPpm(fee, rules.emissionShare);
      const auditors = mulPpm(share, rules.rewardAuditors);
      const witnesses = mulPpm(share, rules.rewardWitnesses);
      this.#left.auditors += auditors;
      this.#left.witnesses += witnesses;
      this.#pay(member, share - auditors - witnesses, 'executor', desk);
    }
    this.#left.auditors -= this.#share(this.#left.auditors, done, 'auditor', desk);
    const voices = new Map<Hex, number>();
    for (const key of present) voices.set(key, this.#weights.get(key) ?? 0);
    this.#left.witnesses -= this.#share(this.#left.witnesses, voices, 'witness', desk);
  }

  state(): RewardsState {
    return { ...this.#left };
  }

  #share(
    pool: MicroNcu,
    weights: ReadonlyMap<Hex, number>,
    role: 'auditor' | 'witness',
    desk: Desk,
  ): MicroNcu {
    let all = 0, given = 0;
    for (const weight of weights.values()) all += weight;
    if (pool === 0 || all === 0) return 0;
    for (const [key, weight] of [...weights].sort(([a], [b]) => a < b ? -1 : 1)) {
      const amount = Number(BigInt(pool) * BigInt(weight) / BigInt(all));
      given += this.#pay(desk.book.member(key), amount, role, desk);
    }
    return given;
  }

  #pay(
    member: Member,
    amount: MicroNcu,
    role: 'auditor' | 'witness' | 'executor',
    { book, world, turnover }: Desk,
  ): MicroNcu {
    // Who was punished has no part in it.
    if (amount === 0 || member.proven || member.account.status === 'banned') return 0;
    const given = book.mint(member, amount, 'emission');
    turnover.emitted += given;
    world.emit({ type: 'reward', account: member.account.key, amount: given, role });
    return given;
  }

  #fine(counts: ReadonlyMap<Hex, number>, each: MicroNcu, { book, world }: Desk): void {
    for (const [key, count] of [...counts].sort(([a], [b]) => a < b ? -1 : 1)) {
      const member = book.get(key);
      if (member === undefined) continue;
      // What it earned and may yet have to give back is not its own.
      const { available, bonded } = member.account;
      const amount = Math.min(available + bonded, count * each);
      if (amount === 0) continue;
      const ready = Math.min(available, amount);
      book.burn(member, 'available', ready);
      book.burn(member, 'bonded', amount - ready);
      world.emit({ type: 'fine', account: key, amount });
    }
  }
}

function sorted(earners: ReadonlyMap<Member, MicroNcu>): [Member, MicroNcu][] {
  return [...earners].sort(([a], [b]) => a.account.key < b.account.key ? -1 : 1);
}
