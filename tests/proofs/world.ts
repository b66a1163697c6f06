import { fromHex, toHex } from '../../feeds/base/mod.ts';
import {
  type Account,
  FieldAccounts,
  FieldEpoch,
  type FieldHash,
  type LedgerView,
  type Payment,
} from '../../feeds/ledger/mod.ts';
import { accountCommitment, accountSecret } from '../../feeds/wire/mod.ts';
import { accountOf, keyOf } from '../ledger/accounts.ts';

export const NETWORK = new Uint8Array(32).fill(3);
export const EPOCH = 7;
const SEED = new Uint8Array(32).fill(9);

/** What an account was paid. */
export function paid(job: number, net: number, executor = 2): Payment {
  const [requester, profile] = [keyOf(1), keyOf(3)];
  const counts = { promptTokens: 1, tokens: 1, gross: net + 1, fee: 1, net };
  const names = {
    job: keyOf(job),
    attempt: job & 3,
    requester,
    executor: keyOf(executor),
    profile,
  };
  return { ...names, ...counts, epoch: EPOCH, free: EPOCH + 40 };
}

/** A ledger with one account that has something to show, and some others. */
export function ledgerWorld<E>(field: FieldHash<E>) {
  const secret = accountSecret(SEED);
  const own: Account = {
    ...accountOf(keyOf(2), { available: 1, bonded: 5_000_000, reputation: 600_000 }),
    secret: toHex(accountCommitment(secret)),
  };
  const accounts = [...[0, 1, 3, 4].map((n) => accountOf(keyOf(n), { available: n })), own];
  const tree = new FieldAccounts(field, accounts);
  const payments = Array.from({ length: 40 }, (_, n) => paid(n, 1000 + n));
  const epoch = new FieldEpoch(field, EPOCH, [...payments, paid(90, 5, 1), paid(91, 6, 4)]);
  const fields: LedgerView['fields'] = [{
    epoch: EPOCH,
    accounts: toHex(tree.root()),
    receipts: toHex(epoch.root()),
  }];
  return {
    secret,
    key: own.key,
    account: fromHex(own.key, 32),
    path: tree.path(own.key)!,
    accounts: tree.root(),
    receipts: epoch.root(),
    own: epoch.of(own.key)!,
    total: payments.reduce((sum, { net }) => sum + net, 0),
    fields,
  };
}
