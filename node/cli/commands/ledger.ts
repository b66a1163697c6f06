import { counted, ncuText as ncuOf, NexusError } from '../../../feeds/base/mod.ts';
import type { Account } from '../../../feeds/ledger/mod.ts';
import { DIFFERS_MEND, type LedgerAnswer } from '../../control/mod.ts';
import { table } from '../columns.ts';
import { type Context, openContext } from '../context.ts';
import { ledgerCall, warnStill } from '../ledger_call.ts';
import { checkProof, writeProof } from '../ledger_proof.ts';
import {
  accountTable,
  electorateLines,
  epochTable,
  eventLine,
  priceTable,
  slashLines,
  totalsLines,
} from '../ledger_view.ts';
import type { Output } from '../output.ts';
import { defineCommand, type Invocation } from '../spec.ts';

const FLAGS = {
  epoch: { type: 'integer', least: 0, value: 'cut', help: 'what that cut led to, move by move' },
  account: { type: 'string', value: 'key', help: 'only that account; first digits will do' },
  out: { type: 'string', short: 'o', value: 'file', help: 'for prove: where to write it' },
  root: { type: 'string', value: 'hex', help: 'for check: the root that it must lead to' },
} as const;

/** `nexus ledger` */
export const command = defineCommand({
  name: 'ledger',
  summary: 'balances, prices and slashes of the network',
  description:
    'Everybody who holds the same cuts computes the same ledger and the same root. `prove` writes ' +
    'what ties one account to the root; `check` looks at such a file without node or network, and ' +
    'exits with 4 if it does not hold. Without --root it is undecided, and the exit code 1: the ' +
    'file cannot vouch for its own root.',
  flags: FLAGS,
  actions: [
    { name: 'show', summary: 'totals, prices, epochs, slashes' },
    {
      name: 'prove',
      summary: 'the proof of an account against the root',
      positionals: [{ name: 'key', help: "an identity's key; this node's own if absent" }],
    },
    {
      name: 'check',
      summary: 'check a proof offline',
      positionals: [{ name: 'file', required: true, help: 'a file that prove has written' }],
    },
  ],
  examples: [
    { command: 'nexus ledger', does: 'how the whole stands' },
    { command: 'nexus ledger --account 3505efd3', does: 'how one account stands' },
    { command: 'nexus ledger --epoch 120', does: 'what a cut led to' },
    { command: 'nexus ledger prove -o mine.account', does: 'prove what this node has' },
    {
      command: 'nexus ledger check mine.account --root <hex>',
      does: 'whether it holds under a root that a node of yours has told',
    },
  ],
  async run(call) {
    const { action, positionals, flags, out, signal } = call;
    if (action === 'check') return await checkProof(positionals[0]!, flags, out);
    const context = await openContext({ home: flags.home });
    if (action === 'prove') {
      const account = await accountKey(context, positionals[0], signal);
      return await writeProof(context, account, flags.out, out, signal);
    }
    try {
      return await show(call, context);
    } catch (thrown) {
      // Nothing costs anything: that is an answer too.
      if (!(thrown instanceof NexusError) || thrown.code !== 'NO_LEDGER') throw thrown;
      await out.event({ event: 'no-ledger', message: thrown.message });
      await out.result(thrown.message);
    }
  },
});

async function show(
  { flags, out, signal }: Invocation<typeof FLAGS>,
  context: Context,
): Promise<void> {
  const account = await accountKey(context, flags.account, signal);
  const epoch = flags.epoch ?? null;
  const answer = await ledgerCall(context, 'ledger', { account, epoch }, signal) as LedgerAnswer;
  await events(answer, out);
  const { rows, view } = answer;
  await heading(answer, out);
  await warnStill(context, rows, out, signal);
  if (epoch !== null) return await showEpoch(answer, epoch, out);
  if (account !== null) return await showAccount(answer, account, out);
  for (const line of totalsLines(view.totals)) await out.result(line);
  await out.result(`\nprices, in micro-NCU a token`);
  await out.result(table(priceTable(rows), out.columns));
  await out.result(`\n${table(accountTable(view.accounts), out.columns, ['OWED', 'PENDING'])}`);
  const more = rows.accountCount - Math.min(20, view.accounts.length);
  if (more > 0) await out.note(`${counted(more, 'smaller account')} not shown: --json has them`);
  await out.result(`\n${table(epochTable(view), out.columns, ['FEES', 'REWARDS', 'REFUNDED'])}`);
  if (view.slashes.length > 0) await out.result('');
  for (const slash of view.slashes.slice(-8)) {
    for (const line of slashLines(slash)) await out.result(line);
  }
  if (view.findingCount > 0) {
    const entries = counted(view.findingCount, 'entry', 'entries');
    await out.note(`${entries} ignored or punished by a rule: nexus audit --ledger lists them`);
  }
}

/** With `--json`: the whole, then each account, price, epoch, slash, finding, or move. */
async function events({ rows, view, events }: LedgerAnswer, out: Output): Promise<void> {
  if (!out.json) return;
  const { epoch, root, certified, differs, electorate, totals, findingCount } = view;
  const { epochMs, cutAt, accountCount, note } = rows;
  const whole = {
    epoch,
    root,
    certified,
    differs,
    electorate,
    epochMs,
    cutAt,
    totals,
    accountCount,
    findingCount,
    note,
  };
  await out.event({ event: 'ledger', ...whole });
  for (const account of view.accounts) await out.event({ event: 'account', ...account });
  if (events !== null) {
    for (const move of events) await out.event({ event: 'move', move });
    return;
  }
  for (const { history: _, ...price } of rows.prices) await out.event({ event: 'price', ...price });
  for (const epoch of view.epochs) await out.event({ event: 'epoch', ...epoch });
  for (const slash of view.slashes) await out.event({ event: 'slash', ...slash });
  for (const { place, ...finding } of view.findings) {
    await out.event({ event: 'ledger-finding', ...finding, ...place });
  }
}

async function heading({ rows, view }: LedgerAnswer, out: Output): Promise<void> {
  const { epoch, root, certified } = view;
  await out.result(
    `after cut ${epoch ?? '-'}, ${counted(rows.accountCount, 'account')}; amounts in NCU`,
  );
  await out.result(`root ${root}`);
  const vouched = certified === null
    ? 'no root is vouched for by more than two thirds of the witnesses yet'
    : `certified: cut ${certified.epoch}, root ${certified.root}`;
  await out.result(vouched);
  for (const line of electorateLines(view.electorate)) await out.result(line);
  await out.result('');
  if (rows.note !== null) await out.warn(rows.note);
  if (view.differs !== null) await out.warn(DIFFERS_MEND);
}

async function showEpoch(
  { events, rows }: LedgerAnswer,
  epoch: number,
  out: Output,
): Promise<void> {
  const moves = events ?? [];
  if (moves.length > 0) await out.result(`cut ${epoch}:`);
  for (const move of moves) {
    await out.result(eventLine(move, rows.prices).replaceAll(/^/gm, '  '));
  }
  if (moves.length === 0) await out.note(`nothing of it happened in cut ${epoch}`);
}

async function showAccount(
  { view, rows }: LedgerAnswer,
  key: string,
  out: Output,
): Promise<void> {
  const [account] = view.accounts;
  if (account === undefined) {
    throw new NexusError('ACCOUNT_UNKNOWN', `the ledger has no account ${key}`, {
      hint: 'an identity has one from the cut on that covers its first entry',
    });
  }
  await out.result(`account ${key}`);
  await out.result(table(accountTable([account]), out.columns, ['OWED']));
  const { escrow, earned, spent, verified, violations, served, failed } = account;
  await out.result(
    table([
      ['ESCROW', 'EARNED', 'SPENT', 'VERIFIED', 'SERVED', 'FAILED', 'VIOLATIONS'],
      [
        ...[escrow, earned, spent].map(ncuOf),
        ...[verified, served, failed, violations].map(String),
      ],
    ], out.columns),
  );
  for (const slash of view.slashes.filter(({ offender }) => offender === key)) {
    for (const line of slashLines(slash)) await out.result(line);
  }
  const own = view.findings.filter(({ author }) => author === key);
  for (const finding of own) await out.result(eventLine({ type: 'finding', finding }));
  const paid = rows.payments.filter(({ requester, executor }) =>
    [requester, executor].includes(key)
  );
  for (const { model: _, ...payment } of paid.slice(-8)) {
    await out.result(eventLine({ type: 'payment', payment }));
  }
}

/** The whole key of the one account that begins so; null where none is named. */
async function accountKey(
  context: Context,
  text: string | undefined,
  signal: AbortSignal,
): Promise<string | null> {
  if (text === undefined) return null;
  const wanted = text.toLowerCase();
  if (/^[0-9a-f]{64}$/.test(wanted)) return wanted;
  if (!/^[0-9a-f]{4,63}$/.test(wanted)) {
    throw new NexusError('USAGE', `${JSON.stringify(text.slice(0, 80))} is no key`, {
      hint: 'give a key (nexus id, nexus ledger), or at least four of its first digits',
    });
  }
  const { view } = await ledgerCall(context, 'ledger', {}, signal) as LedgerAnswer;
  const fitting = view.accounts.filter(({ key }: Account) => key.startsWith(wanted));
  if (fitting.length === 1) return fitting[0]!.key;
  const what = fitting.length === 0 ? 'no account begins' : `${fitting.length} accounts begin`;
  throw new NexusError('ACCOUNT_UNKNOWN', `${what} with ${wanted}`, {
    hint: 'see nexus ledger, or give the whole key',
  });
}
