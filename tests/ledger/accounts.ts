import fc from 'fast-check';
import { sha256, toHex } from '../../feeds/base/mod.ts';
import type { Account, Price, Totals } from '../../feeds/ledger/mod.ts';

export const NETWORK = new Uint8Array(32).fill(7);

/** Key of the n-th account. */
export const keyOf = (n: number): string => toHex(sha256(Uint8Array.of(n >> 16, n >> 8, n)));

export const TOTALS: Totals = {
  available: 1,
  pending: 2,
  escrow: 3,
  bonded: 4,
  owed: 5,
  burned: 6,
  grants: 7,
  emission: 8,
};

export const PRICES: Price[] = [0, 1, 2].map((n) => ({
  profile: keyOf(1000 + n),
  prompt: 10 + n,
  output: 20 + n,
  level: 1_000_000,
  utilisation: 500_000,
}));

/** An account of which some fields matter. */
export function accountOf(key: string, some: Partial<Account> = {}): Account {
  return {
    key,
    available: 0,
    escrow: 0,
    pending: 0,
    bonded: 0,
    unbonding: [],
    owed: 0,
    reputation: 0,
    violations: 0,
    status: 'active',
    verified: 0,
    failed: 0,
    served: 0,
    earned: 0,
    spent: 0,
    secret: null,
    ...some,
  };
}

export const someAccount: fc.Arbitrary<Partial<Account>> = fc.record({
  available: fc.maxSafeNat(),
  bonded: fc.maxSafeNat(),
  pending: fc.nat(),
  unbonding: fc.array(fc.record({ amount: fc.nat(), cut: fc.nat() }), { maxLength: 3 }),
  reputation: fc.nat(1_000_000),
  violations: fc.nat(3),
  status: fc.constantFrom<Account['status']>('active', 'banned'),
  secret: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex), { nil: null }),
});
