import { fromHex, taggedHash } from '../base/mod.ts';
import {
  type Codec,
  encodeWith,
  fixed,
  list,
  nullable,
  struct,
  uint,
  word,
} from '../records/mod.ts';
import type { Account, MicroNcu, Price, Totals } from './types.ts';

/** Parts of a bond that may be asked back at a time, and profiles that may have a price. */
export const MOST_UNBONDING = 4096;
export const MOST_PRICES = 65_536;
const MOST_BYTES = 8 * 1024 * 1024;

const count = uint();

const hash = fixed(32);

/** With its keys as bytes. */
type Encodable = Omit<Account, 'key' | 'secret'> & { key: Uint8Array; secret: Uint8Array | null };

const account = struct<Encodable>({
  key: hash,
  available: count,
  escrow: count,
  pending: count,
  bonded: count,
  unbonding: list(
    struct<{ amount: MicroNcu; cut: number }>({ amount: count, cut: count }),
    MOST_UNBONDING,
  ) as Codec<Account['unbonding']>,
  owed: count,
  reputation: count,
  violations: count,
  status: word<Account['status']>('active', 'banned'),
  verified: count,
  failed: count,
  served: count,
  earned: count,
  spent: count,
  secret: nullable(hash),
});

const totals = struct<Totals>({
  available: count,
  pending: count,
  escrow: count,
  bonded: count,
  owed: count,
  burned: count,
  grants: count,
  emission: count,
});

const prices = list(
  struct<Omit<Price, 'profile'> & { profile: Uint8Array }>({
    profile: hash,
    prompt: count,
    output: count,
    level: count,
    utilisation: count,
  }),
  MOST_PRICES,
);

/**
 * Leaf of an account in the byte tree: 32 bytes.
 * @param key the account's, as bytes
 * @throws {NexusError} `RECORD_BAD_FIELD`, `BAD_HEX`: a number is no whole one from 0 to 2^53, or a
 * key is none
 */
export function leafHash(value: Account, key = fromHex(value.key, 32)): Uint8Array {
  const secret = value.secret === null ? null : fromHex(value.secret, 32);
  return taggedHash(
    'nexus/ledger-account/1',
    encodeWith(account, { ...value, key, secret }, MOST_BYTES),
  );
}

/** What the root holds beside the accounts: 32 bytes over totals and prices, these by profile. */
export function restHash(sums: Totals, table: readonly Price[]): Uint8Array {
  const sorted = [...table].sort((a, b) => a.profile < b.profile ? -1 : 1)
    .map((price) => ({ ...price, profile: fromHex(price.profile, 32) }));
  return taggedHash(
    'nexus/ledger-rest/1',
    encodeWith(totals, sums, MOST_BYTES),
    encodeWith(prices, sorted, MOST_BYTES),
  );
}
