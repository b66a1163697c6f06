import type { Hex } from '../trust/mod.ts';
import { mulPpm, safe } from './cost.ts';
import type { LedgerRules, MicroNcu, Payment, Slash, SlashCause } from './types.ts';

/** 10,000 of 10,000 times a million of a million. */
const ALWAYS = 10_000_000_000;

type Rules = Pick<LedgerRules, 'detection' | 'slashLeast' | 'slashMost' | 'slashAuditors'>;

export interface SlashInput {
  cause: SlashCause;
  /** All that the offender has bonded, what is being unbonded included. */
  bond: MicroNcu;
  /** What stands in its `pending`: rewards and fines make it differ from the sum of the payments. */
  held: MicroNcu;
  /** Its payments that are not released. */
  pending: readonly Payment[];
  /** Its payments that were released and may still be challenged. */
  released: readonly Payment[];
  /** The cheated profile, of which R is made; null: all of them. */
  profile: Hex | null;
  /** Chance of an audit of its work, of 10,000. */
  auditRate: number;
  rules: Rules;
  offender: Hex;
  /** Whose evidence spoke against it; each counts once, the offender never. */
  finders: readonly Hex[];
}

/** Amounts of a {@link Slash}: `amount + forfeited = refunds + finders + burned`. */
export type SlashAmounts = Pick<
  Slash,
  'gain' | 'n' | 'amount' | 'forfeited' | 'refunds' | 'finders' | 'burned'
>;

/**
 * n of n x R: at an audit rate p whose audits speak against a cheat with chance d, a cheat that gains
 * g is caught with p d, so that it loses money where the slash is above g (1 - p d) / (p d).
 * @param auditRate of 10,000
 */
export function slashMultiple(auditRate: number, rules: Rules): number {
  const caught = Math.min(10_000, Math.max(0, auditRate)) * rules.detection;
  const n = caught === 0 ? rules.slashMost : Math.ceil((ALWAYS - caught) / caught);
  return Math.min(Math.max(n, rules.slashLeast), Math.max(rules.slashLeast, rules.slashMost));
}

/**
 * What a proven misdeed costs and who gets it. Unreleased earnings go back to their clients; of the
 * bond, n x R at most (all of it for equivocation and forks): first what clients still lack, then the
 * finders' share; the rest is burned.
 */
export function slashFor(input: SlashInput): SlashAmounts {
  const { cause, bond, held, pending, released, profile, rules, offender } = input;
  const isAll = cause === 'equivocation' || cause === 'fork';
  const window = [...pending, ...released];
  const gain = isAll ? 0 : sum(
    window.filter((payment) => profile === null || payment.profile === profile),
    (payment) => payment.gross,
  );
  const n = isAll ? 0 : slashMultiple(input.auditRate, rules);
  const most = BigInt(n) * BigInt(gain);
  const amount = isAll || most > BigInt(bond) ? bond : Number(most);

  const back = shareOut(held, pending.map(({ net }) => net));
  const lacking = window.map(({ gross }, i) => gross - (back[i] ?? 0));
  const more = shareOut(amount, lacking);
  const refunds = window.flatMap(({ requester: client, job, attempt }, i) => {
    const amount = (back[i] ?? 0) + more[i]!;
    return amount === 0 ? [] : [{ client, job, attempt, amount }];
  });

  const left = amount - total(more);
  const named = [...new Set(input.finders)].filter((key) => key !== offender).sort();
  const each = named.length === 0
    ? 0
    : Math.floor(mulPpm(left, rules.slashAuditors) / named.length);
  const finders = each === 0 ? [] : named.map((auditor) => ({ auditor, amount: each }));
  const burned = left - each * finders.length + held - total(back);
  return { gain, n, amount, forfeited: held, refunds, finders, burned };
}

/** Parts of `amount` in proportion to what each is due, none above it; what cannot be divided is left. */
function shareOut(amount: MicroNcu, due: readonly MicroNcu[]): MicroNcu[] {
  const all = due.reduce((sum, one) => sum + BigInt(one), 0n);
  if (all <= BigInt(amount)) return [...due];
  return due.map((one) => Number(BigInt(amount) * BigInt(one) / all));
}

function sum<T>(items: readonly T[], of: (item: T) => MicroNcu): MicroNcu {
  return safe(items.reduce((sum, item) => sum + BigInt(of(item)), 0n));
}

function total(amounts: readonly MicroNcu[]): MicroNcu {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
