import { ncuText, NexusError, parseNcu } from '../../feeds/base/mod.ts';
import type { BondAnswer, LedgerAnswer } from '../control/mod.ts';
import { openContext } from './context.ts';
import { ledgerCall } from './ledger_call.ts';
import type { CommandSpec } from './spec.ts';
import { defineCommand } from './spec.ts';
import { about } from './when.ts';

const POSITIONALS = [{ name: 'amount', required: true, help: 'NCU, e.g. 2.5' }];

/** The two commands that move money into the bond of this node, and out of it. */
export function bondCommand(
  name: 'bond' | 'unbond',
  words: Pick<CommandSpec, 'summary' | 'description' | 'examples'>,
): CommandSpec {
  return defineCommand({
    name,
    ...words,
    flags: {},
    positionals: POSITIONALS,
    async run({ flags, positionals, out, signal }) {
      const amount = amountOf(positionals[0]!, name);
      const context = await openContext({ home: flags.home });
      const answer = await ledgerCall(context, name, { amount }, signal) as BondAnswer;
      const { rows } = await ledgerCall(context, 'ledger', {}, signal) as LedgerAnswer;
      const { index, cuts } = answer;
      const bonded = answer.account?.bonded ?? 0;
      const ms = cuts * rows.epochMs;
      await out.event({ event: name, amount, index, cuts, epoch: rows.epoch, bonded });
      await out.result(
        name === 'bond'
          ? `${ncuText(amount)} NCU go into the bond with the next cut (in about ` +
            `${about(rows.epochMs)}): ${ncuText(bonded + amount)} NCU are bonded then`
          : `${ncuText(amount)} NCU of the bond are asked back: free ${cuts} cuts after the next ` +
            `one, in about ${about(ms)}`,
      );
      await out.note(
        name === 'bond'
          ? 'They cannot be spent meanwhile, and are lost where this node is proven to cheat; to ' +
            'have them back: nexus unbond'
          : 'Until then they still answer for the work of this node, and can be slashed. The cut ' +
            'refuses it where an audit of this node is disputed: see nexus balance after the next one',
      );
      await out.detail(`entry ${index} of this node's artifacts log`);
    },
  }) as CommandSpec;
}

function amountOf(text: string, name: string): number {
  const amount = parseNcu(text);
  if (amount !== null && amount > 0) return amount;
  throw new NexusError('USAGE', `${JSON.stringify(text.slice(0, 40))} is no amount of NCU`, {
    hint: `a number above 0 with at most six decimals, e.g. nexus ${name} 2.5`,
  });
}
