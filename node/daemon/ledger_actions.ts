import { ncuText, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { MicroNcu } from '../../feeds/ledger/mod.ts';
import { encodeRecord } from '../../feeds/records/mod.ts';
import type {
  BalanceAnswer,
  BondAnswer,
  Handlers,
  LedgerAnswer,
  LedgerRows,
  ProveAnswer,
} from '../control/mod.ts';
import type { NodeLedger, PresentLedger } from './ledger.ts';
import { demandLedger, replayLedgerOf } from './ledger_replay.ts';
import type { Ledgering } from './ledgering.ts';
import type { NexusNode } from './node.ts';
import { Params } from './params.ts';

/** Accounts of one answer, at most. */
const MAX_ACCOUNTS = 4096;

/** What the owner of a node sees of its network's ledger and does in it. */
export function ledgerMethods(node: NexusNode): Handlers {
  return {
    balance: (params) => Promise.resolve(balance(node, new Params(params))),
    ledger: (params) => Promise.resolve(show(node, new Params(params))),
    ledgerProve: (params) => Promise.resolve(prove(node, new Params(params))),
    async *ledgerReplay(params, signal) {
      const { id, name } = node.options.network;
      if (toHex(new Params(params).key('network')) !== toHex(id)) {
        throw new NexusError('OTHER_NETWORK', `the node that runs here is in ${name}`);
      }
      return yield* replayLedgerOf(await node.feeds(), node.options.network, signal);
    },
    bond: (params) => bond(node, new Params(params), 'bond'),
    unbond: (params) => bond(node, new Params(params), 'unbond'),
  };
}

function balance(node: NexusNode, params: Params): BalanceAnswer {
  const { ledger, fold, rows } = folded(node);
  const key = accountOf(params) ?? node.key;
  const { has, credit, held } = ledger.fundsOf(key);
  return {
    key,
    epoch: fold.epoch,
    reading: ledger.reading,
    account: fold.account(key),
    spendable: Math.max(0, has + credit - held),
    credit,
    held,
    exposure: fold.exposure(key),
    prices: rows.prices,
  };
}

function show(node: NexusNode, params: Params): LedgerAnswer {
  const { ledgering, fold, rows } = folded(node);
  const account = accountOf(params);
  const epoch = params.raw('epoch') == null
    ? null
    : params.whole('epoch', 0, Number.MAX_SAFE_INTEGER);
  const events = epoch === null ? null : ledgering.recent.of(epoch, account);
  if (epoch !== null && events === null) {
    throw new NexusError('EPOCH_UNKNOWN', `epoch ${epoch} is not remembered by this node`, {
      hint: `the newest is ${fold.epoch}; replay all of them: nexus audit --ledger`,
    });
  }
  const view = fold.view();
  const accounts = account === null
    ? view.accounts.slice(0, MAX_ACCOUNTS)
    : view.accounts.filter(({ key }) => key === account);
  return { rows, view: { ...view, accounts }, events };
}

function prove(node: NexusNode, params: Params): ProveAnswer {
  const { fold } = folded(node);
  const proof = fold.prove(accountOf(params) ?? node.key);
  return { proof, certified: fold.view().certified };
}

/** Logs that money is to move into the bond, or out of it. */
async function bond(
  node: NexusNode,
  params: Params,
  type: 'bond' | 'unbond',
): Promise<BondAnswer> {
  const { ledger, fold } = folded(node);
  const amount = params.whole('amount', 1, Number.MAX_SAFE_INTEGER);
  if (ledger.reading) throw unread(node);
  const account = fold.account(node.key);
  const most = type === 'bond' ? ledger.freeOf(node.key) : ledger.bondOf(node.key);
  if (amount > most) throw tooMuch(type, amount, most);
  const network = node.options.network.id;
  const record = encodeRecord({ type, network, amount, at: Date.now() });
  // What was logged before and is in no cut yet is spent: no more is there until a cut says so.
  const { index } = await ledger.bonds.add(
    type,
    amount,
    () => node.logs.append('artifacts', [record]),
  );
  const cuts = type === 'bond' ? 0 : ledger.terms.rules.unbondCuts;
  return { amount, index, account, cuts };
}

function tooMuch(type: 'bond' | 'unbond', amount: MicroNcu, most: MicroNcu): NexusError {
  const [asked, free] = [ncuText(amount), ncuText(most)];
  return new NexusError(
    'NCU_SHORT',
    type === 'bond'
      ? `${asked} NCU cannot be bonded: ${free} NCU are there to be spent`
      : `${asked} NCU cannot be asked back: ${free} NCU are bonded, not asked back yet and not ` +
        'held by credit',
    { hint: 'see `nexus balance`' },
  );
}

/** @throws {NexusError} `NO_LEDGER`, `LEDGER_UNREAD` */
export function folded(
  node: NexusNode,
): { ledger: NodeLedger; ledgering: Ledgering; fold: PresentLedger; rows: LedgerRows } {
  const { money, ledgerRows: rows, options: { network } } = node;
  demandLedger(network.file);
  const { ledger, ledgering } = money!, { fold } = ledger;
  if (fold === null || rows === null) throw unread(node);
  return { ledger, ledgering, fold, rows };
}

function unread({ foldingNote, options: { network } }: NexusNode): NexusError {
  const why = foldingNote === null ? '' : ` (${foldingNote})`;
  return new NexusError(
    'LEDGER_UNREAD',
    `the cuts of ${network.name} are not read here yet${why}`,
    {
      hint:
        'a node that runs (nexus up) reads them within seconds, once more than two thirds of the ' +
        'witnesses are there: nexus peers',
    },
  );
}

/** Key of the parameter `account`, hexadecimal; null where it is left out. */
export function accountOf(params: Params): string | null {
  return params.raw('account') == null ? null : toHex(params.key('account'));
}
