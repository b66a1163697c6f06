import t from 'tap';
import type { Attested, Claim } from '../../feeds/fingerprints/mod.ts';
import { printSpeed } from '../../node/daemon/print_speed.ts';

const CLAIM = { prefill: 800_000, decode: 80_000 } as Claim;
const of = (...by: string[]) =>
  ({
    prefillRate: 400_000,
    decodeRate: 40_000,
    by,
    contradicted: [{ figure: 'decode', claimed: 80_000, low: 1, high: 2 }],
  }) as unknown as Attested;

t.test('what one challenger alone found is nothing that the router goes by', (t) => {
  const claimed = { source: 'claimed', prefill: 800, decode: 80, contradicted: false };
  t.strictSame(printSpeed(of('a'), CLAIM), claimed);
  t.strictSame(printSpeed(of('a'), null), null);
  t.strictSame(printSpeed(null, CLAIM), claimed);
  t.strictSame(printSpeed(of('a', 'b'), CLAIM), {
    source: 'attested',
    prefill: 400,
    decode: 40,
    contradicted: true,
  });
  t.end();
});
