import { ncuText, NexusError, parseNcu } from '../../feeds/base/mod.ts';
import { about, type BondAnswer, type LedgerAnswer, standstillMs } from '../control/mod.ts';
import { openContext } from './context.ts';
import { ledgerCall, warnStill } from './ledger_call.ts';
import type { CommandSpec } from './spec.ts';
import { defineCommand } from './spec.ts';
import { takenIn } from './bond_wait.ts';

const POSITIONALS = [{ name: 'amount', required: true, help: 'NCU, e.g. 2.5' }];

/** The two commands that move money into the bond of this node, and out of it. */
export function bondCommand(
  name: 'bond' | 'unbond',
  words: Pick<CommandSpec, 'summary' | 'description' | 'examples'>,
): CommandSpec {
  return defineCommand({
    name,
    ...words,
    flags: { wait: { type: 'boolean', help: 'until a cut has taken it, or refused it' } },
    positionals: POSITIONALS,
    async run({ flags, positionals, out, signal }) {
      const amount = amountOf(positionals[0]!, name);
      const context = await openContext({ home: flags.home });
      const ask = (params: Record<string, unknown>) =>
        ledgerCall(context, 'ledger', params, signal) as Promise<LedgerAnswer>;
      const { rows: before } = await ask({});
      const answer = await ledgerCall(context, name, { amount }, signal) as BondAnswer;
      const { index, cuts } = answer;
      const bonded = answer.account?.bonded ?? 0;
      const { epochMs, epoch } = before;
      const logged = { amount, index, cuts, epoch, bonded };
      if (!flags.wait) {
        await out.event({ event: name, ...logged, cut: null, refused: null });
        const still = standstillMs(before, Date.now()) !== null;
        await out.result(loggedText(name, answer, still ? null : epochMs));
        await warnStill(context, before, out, signal);
        await out.note(AFTER[name]);
        return await out.detail(`entry ${index} of this node's artifacts log`);
      }
      await warnStill(context, before, out, signal);
      const own = before.own?.key ?? answer.account?.key ?? null;
      const taken = await takenIn(ask, { name, own, index, after: epoch, epochMs }, signal);
      await out.event({ event: name, ...logged, ...taken });
      if (taken.refused !== null) {
        throw new NexusError('BOND_REFUSED', `cut ${taken.cut}: ${taken.refused}`, {
          hint: 'see nexus balance, and docs/OPERATORS.md, "Money"',
        });
      }
      await out.result(takenText(name, answer, taken.cut, epochMs));
      await out.note(AFTER[name]);
    },
  }) as CommandSpec;
}

const AFTER = {
  bond:
    'They cannot be spent meanwhile, and are lost where this node is proven to cheat; to have ' +
    'them back: nexus unbond',
  unbond: 'Until then they still answer for the work of this node, and can be slashed.',
};

/** @param ms length of an epoch; null: no cut comes, and none is promised */
export function loggedText(
  name: 'bond' | 'unbond',
  { amount, cuts, account }: BondAnswer,
  ms: number | null,
): string {
  const bonded = account?.bonded ?? 0;
  const within = (cuts: number) => ms === null ? '' : `, in about ${about(cuts * ms)}`;
  return name === 'bond'
    ? `${ncuText(amount)} NCU go into the bond with the next cut${within(1)}: ` +
      `${ncuText(bonded + amount)} NCU are bonded then`
    : `${ncuText(amount)} NCU of the bond are asked back: free ${cuts} cuts after the next one` +
      `${within(cuts)}, unless that cut refuses it since an audit is disputed (--wait)`;
}

function takenText(name: 'bond' | 'unbond', answer: BondAnswer, cut: number, ms: number): string {
  const { amount, cuts, account } = answer;
  return name === 'bond'
    ? `${ncuText(amount)} NCU are bonded since cut ${cut}: ` +
      `${ncuText((account?.bonded ?? 0) + amount)} NCU in all`
    : `${ncuText(amount)} NCU of the bond are free after cut ${cut + cuts}, in about ` +
      about(cuts * ms);
}

/** micro-NCU of what was typed. @throws {NexusError} `USAGE` */
export function amountOf(text: string, name: string): number {
  const amount = parseNcu(text);
  if (amount !== null && amount > 0) return amount;
  const quoted = JSON.stringify(text.slice(0, 40));
  const hint = `a number above 0 with at most six decimals, e.g. nexus ${name} 2.5`;
  if (amount === 0 || SIGNED.test(text.trim())) {
    throw new NexusError('USAGE', `the amount must be above 0, not ${quoted}`, { hint });
  }
  if (LARGE.test(text.trim())) {
    throw new NexusError('USAGE', `${quoted} is more NCU than there can be`, {
      hint: `at most ${ncuText(Number.MAX_SAFE_INTEGER)}; what this node has: nexus balance`,
    });
  }
  throw new NexusError('USAGE', `${quoted} is no amount of NCU`, { hint });
}

/** Numbers below 0, and those of any size that would be amounts. */
const SIGNED = /^-\.?\d/;
const LARGE = /^\d+(\.\d{1,6})?( ?NCU)?$/i;
