import { NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Payment } from '../../feeds/ledger/mod.ts';
import type {
  FieldAccountAnswer,
  FieldReceiptsAnswer,
  FieldRootsAnswer,
  Handlers,
} from '../control/mod.ts';
import { accountOf, folded } from './ledger_actions.ts';
import type { NexusNode } from './node.ts';
import { Params } from './params.ts';

const MOST_EPOCH = 0xffff_ffff;

/** What proofs in circuits are made of and compared with, as this node has folded it. */
export function fieldMethods(node: NexusNode): Handlers {
  return {
    fieldAccount: (params) => account(node, new Params(params)),
    fieldReceipts: (params) => receipts(node, new Params(params)),
    fieldRoots: (params) => Promise.resolve(roots(node, new Params(params))),
  };
}

async function account(node: NexusNode, params: Params): Promise<FieldAccountAnswer> {
  const { fold, ledgering } = folded(node);
  const key = accountOf(params) ?? node.key;
  const { epoch, accounts } = fold.view();
  const { root, path } = await ledgering.trees.ask({ type: 'path', accounts, key });
  if (path === null || epoch === null) {
    throw new NexusError('ACCOUNT_UNKNOWN', `the ledger has no account ${key}`, {
      hint: 'an identity has one from the cut on that covers its first entry',
    });
  }
  const hex = toHex(root);
  return {
    network: toHex(node.options.network.id),
    epoch,
    root: hex,
    certified: isCertified(node, epoch, 'accounts', hex),
    leaf: path.leaf.map(String),
    path: { index: path.index, siblings: path.siblings.map(toHex) },
  };
}

async function receipts(node: NexusNode, params: Params): Promise<FieldReceiptsAnswer> {
  const { fold, ledgering } = folded(node);
  const key = accountOf(params) ?? node.key;
  const epoch = params.whole('epoch', 0, MOST_EPOCH);
  const payments: Payment[] | null = ledgering.paidIn(epoch);
  if (payments === null) {
    throw new NexusError('EPOCH_UNKNOWN', `epoch ${epoch} is not remembered by this node`, {
      hint: `the newest is ${fold.epoch}; see nexus ledger`,
    });
  }
  const { root, own } = await ledgering.trees.ask({ type: 'receipts', epoch, payments, key });
  if (own === null) {
    throw new NexusError('RECEIPTS_NONE', `account ${key} was paid nothing in epoch ${epoch}`, {
      hint: `see what it was paid and when: nexus ledger --account ${key.slice(0, 8)}`,
    });
  }
  const hex = toHex(root);
  return {
    network: toHex(node.options.network.id),
    account: key,
    root: hex,
    certified: isCertified(node, epoch, 'receipts', hex),
    path: { index: own.index, siblings: own.siblings.map(toHex) },
    batches: own.batches.map(({ root, receipts }) => ({
      root: toHex(root),
      receipts: receipts.map(([amount, name]) => [String(amount), String(name)]),
    })),
  };
}

function roots(node: NexusNode, params: Params): FieldRootsAnswer {
  const { fold } = folded(node);
  const epoch = params.whole('epoch', 0, MOST_EPOCH);
  return {
    network: toHex(node.options.network.id),
    epoch: fold.epoch,
    roots: fold.view().fields.find((one) => one.epoch === epoch) ?? null,
  };
}

/** As of now: the witnesses may have spoken while a tree was being built. */
function isCertified(
  node: NexusNode,
  epoch: number,
  kind: 'accounts' | 'receipts',
  root: string,
): boolean {
  const { fields } = folded(node).fold.view();
  return fields.find((one) => one.epoch === epoch)?.[kind] === root;
}
