import type { PrintEvent } from '../fingerprints/mod.ts';
import type { Hex } from '../trust/mod.ts';
import type { Audits } from './audits.ts';
import { trim } from './bonds.ts';
import { mulPpm, quotient, safe } from './cost.ts';
import type { Desk } from './desk.ts';
import type { Member } from './member.ts';
import { unitsOf } from './seats.ts';
import type { MicroNcu, RewardRole } from './types.ts';

/** Measurements that a challenger may be owed for. */
const MOST_OWED = 16n;

/** What is yet to be paid out of burned fees, for want of who should have it. Plain data. */
export interface RewardsState {
  auditors: MicroNcu;
  witnesses: MicroNcu;
  /** What challengers are owed for the jobs of their probes, by key. */
  owed: [Hex, MicroNcu][];
  /** What challengers of an executor may yet come to be owed, by its key. */
  room: [Hex, MicroNcu][];
}

/** Pays out again, for audits, cuts and work, what payments burned; never more than that. */
export class Rewards {
  readonly #left: Pick<RewardsState, 'auditors' | 'witnesses'>;
  readonly #owed: Map<Hex, MicroNcu>;
  readonly #room: Map<Hex, MicroNcu>;

  constructor(state: RewardsState = { auditors: 0, witnesses: 0, owed: [], room: [] }) {
    const { auditors, witnesses, owed, room } = state;
    this.#left = { auditors, witnesses };
    this.#owed = new Map(owed);
    this.#room = new Map(room);
  }

  /**
   * Who measured a machine as the beacon drew it is paid back what that costs, up to a bound. Keys cost
   * nothing, and an executor may be its own challenger: only for those with a whole NCU at stake, and
   * never more than what the fees for an executor's own work gave for it.
   */
  measured(events: readonly PrintEvent[], { book, market, world: { rules } }: Desk): void {
    for (const event of events) {
      if (event.type !== 'print-duty' || event.duty.state !== 'attested') continue;
      const { executor, profile, challenger } = event.duty;
      const price = market.price(profile)?.output ?? 0;
      const member = book.get(executor), room = this.#room.get(executor) ?? 0;
      if (member === undefined || unitsOf(member.account) < 1 || room === 0) continue;
      const each = safe(BigInt(price) * BigInt(rules.probeTokens));
      const owed = this.#owed.get(challenger) ?? 0;
      // Where nothing is burned for long it is not saved up for ever.
      const most = Math.max(owed, safe(BigInt(each) * MOST_OWED));
      const more = Math.min(each, room, most - owed);
      if (more === 0) continue;
      this.#owed.set(challenger, owed + more);
      if (more === room) this.#room.delete(executor);
      else this.#room.set(executor, room - more);
    }
  }

  /** @param voices weights of the witnesses of whose work something counts in the cut */
  conclude({ done, missed, faults }: Audits, voices: ReadonlyMap<Hex, number>, desk: Desk): void {
    const { rules } = desk.world;
    this.#fine(missed, rules.missedFine, desk);
    this.#fine(faults, rules.faultFine, desk);
    // What an executor has of the fee for its own work can be no more than that fee.
    for (const [member, fee] of sorted(desk.earners)) {
      const share = mulPpm(fee, rules.emissionShare);
      const auditors = mulPpm(share, rules.rewardAuditors);
      const witnesses = mulPpm(share, rules.rewardWitnesses);
      this.#left.auditors += auditors;
      this.#left.witnesses += witnesses;
      const { key } = member.account, room = this.#room.get(key) ?? 0;
      const more = rules.probeTokens > 0 ? quotient(auditors, 2) : 0;
      if (more > 0) this.#room.set(key, safe(BigInt(room) + BigInt(more)));
      this.#pay(member, share - auditors - witnesses, 'executor', desk);
    }
    this.#left.auditors -= this.#payBack(quotient(this.#left.auditors, 2), desk);
    this.#left.auditors -= this.#share(this.#left.auditors, done, 'auditor', desk);
    this.#left.witnesses -= this.#share(this.#left.witnesses, voices, 'witness', desk);
  }

  state(): RewardsState {
    return { ...this.#left, owed: inOrder(this.#owed), room: inOrder(this.#room) };
  }

  /** Pays what is owed, in its proportions where that is more than there is. */
  #payBack(pool: MicroNcu, desk: Desk): MicroNcu {
    const all = [...this.#owed.values()].reduce((sum, one) => sum + BigInt(one), 0n);
    if (pool === 0 || all === 0n) return 0;
    const most = all < BigInt(pool) ? all : BigInt(pool);
    let given = 0;
    for (const [key, owed] of this.state().owed) {
      const amount = Number(BigInt(owed) * most / all);
      given += this.#pay(desk.book.member(key), amount, 'challenger', desk);
      if (amount === owed) this.#owed.delete(key);
      else this.#owed.set(key, owed - amount);
    }
    return given;
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
    for (const [key, weight] of inOrder(weights)) {
      const amount = Number(BigInt(pool) * BigInt(weight) / BigInt(all));
      given += this.#pay(desk.book.member(key), amount, role, desk);
    }
    return given;
  }

  #pay(
    member: Member,
    amount: MicroNcu,
    role: RewardRole,
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
    for (const [key, count] of inOrder(counts)) {
      const member = book.get(key);
      if (member === undefined) continue;
      // What it earned and may yet have to give back is not its own.
      const { available, bonded } = member.account;
      const amount = Math.min(available + bonded, count * each);
      if (amount === 0) continue;
      const ready = Math.min(available, amount);
      book.burn(member, 'available', ready);
      book.burn(member, 'bonded', amount - ready);
      trim(member);
      world.emit({ type: 'fine', account: key, amount });
    }
  }
}

/** By key. */
function inOrder(numbers: ReadonlyMap<Hex, number>): [Hex, number][] {
  return [...numbers].sort(([a], [b]) => a < b ? -1 : 1);
}

function sorted(earners: ReadonlyMap<Member, MicroNcu>): [Member, MicroNcu][] {
  return [...earners].sort(([a], [b]) => a.account.key < b.account.key ? -1 : 1);
}
