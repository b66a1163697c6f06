import t from 'tap';
import type { Attested, Claim, Refuted } from '../../feeds/fingerprints/mod.ts';
import { printSpeed } from '../../node/daemon/print_speed.ts';

const CLAIM = { prefill: 800_000, decode: 80_000 } as Claim;
const of = (...by: string[]) =>
  ({
    prefillRate: 400_000,
    decodeRate: 40_000,
    by,
    contradicted: [{ figure: 'decode', claimed: 80_000, low: 1, high: 2 }],
  }) as unknown as Attested;

const speed = (attested: Attested | null, claim: Claim | null, refuted: Refuted | null = null) =>
  printSpeed({ attested, claim, refuted });

t.test('what one challenger alone found is nothing that the router goes by', (t) => {
  const claimed = { source: 'claimed', prefill: 800, decode: 80, contradicted: false };
  t.strictSame(speed(of('a'), CLAIM), claimed);
  t.strictSame(speed(of('a'), null), null);
  t.strictSame(speed(null, CLAIM), claimed);
  t.strictSame(speed(of('a', 'b'), CLAIM), {
    source: 'attested',
    prefill: 400,
    decode: 40,
    contradicted: true,
  });
  t.end();
});

t.test('a claim that does not hold is no claim to go by, though nobody agrees on a class', (t) => {
  const refuted = { figures: [], epoch: 1, until: 2 } as unknown as Refuted;
  t.match(speed(null, CLAIM, refuted), { source: 'claimed', contradicted: true });
  const held = { ...of('a', 'b'), contradicted: [] };
  t.match(speed(held, CLAIM, refuted), { source: 'attested', contradicted: true });
  t.match(speed(held, CLAIM), { contradicted: false });
  t.end();
});
