import { NexusError } from '../../../feeds/base/mod.ts';
import type { BalanceAnswer, LedgerAnswer } from '../../control/mod.ts';
import { short } from '../answer.ts';
import { balanceEvent, balanceLines } from '../balance_view.ts';
import { wrappedTable } from '../columns.ts';
import { openContext } from '../context.ts';
import { ledgerCall, warnStill } from '../ledger_call.ts';
import { defineCommand } from '../spec.ts';

/** `nexus balance` */
export const command = defineCommand({
  name: 'balance',
  summary: 'the NCU of this node: to spend, earned, bonded',
  description:
    'Asks the running node of this home what the cuts of its network say of its account. NCU are ' +
    'earned by answering prompts of others and spent on prompts that others answer.',
  flags: {},
  examples: [
    { command: 'nexus balance', does: 'what there is, and when more becomes free' },
    { command: 'nexus balance --json | jq .spendable', does: 'in micro-NCU, for programs' },
  ],
  async run({ flags, out, signal }) {
    const context = await openContext({ home: flags.home });
    let answer: BalanceAnswer, ledger: LedgerAnswer;
    try {
      answer = await ledgerCall(context, 'balance', {}, signal) as BalanceAnswer;
      const query = { account: answer.key };
      ledger = await ledgerCall(context, 'ledger', query, signal) as LedgerAnswer;
    } catch (thrown) {
      // Nothing costs anything: that is an answer too.
      if (!(thrown instanceof NexusError) || thrown.code !== 'NO_LEDGER') throw thrown;
      await out.event({ event: 'no-ledger', message: thrown.message });
      return await out.result(thrown.message);
    }
    const { rows } = ledger;
    await out.event(balanceEvent(answer, rows));
    if (answer.reading) await out.warn('cuts are still being read: these figures may be old');
    await out.note(`account ${short(answer.key)}, after cut ${answer.epoch ?? '-'}`);
    await out.result(wrappedTable(balanceLines(answer, rows, Date.now()), out.columns));
    if (rows.note !== null) await out.warn(rows.note);
    await warnStill(context, rows, out, signal);
  },
});
