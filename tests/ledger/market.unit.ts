import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { Market } from '../../feeds/ledger/market.ts';
import type { LedgerWorld } from '../../feeds/ledger/world.ts';
import { bytes32 } from '../trust/world.ts';

const profile = bytes32(1), id = toHex(profile);

function market(output: number, level: number): Market {
  const terms = { coefficients: [{ profile, prompt: 1, output }] };
  const levels = [{ profile: id, level, utilisation: 0 }];
  return new Market({ terms } as unknown as LedgerWorld, { levels, slots: [] });
}

t.test('a model that earns something never costs nothing, however little it is asked for', (t) => {
  for (const output of [1, 3, 9]) {
    const cheap = market(output, 100_000);
    t.equal(cheap.price(id)!.output, 1);
    t.equal(cheap.ceiling(cheap.get(id)!, 250_000), 1);
  }
  t.equal(market(600, 100_000).price(id)!.output, 60);
  t.equal(market(0, 1_000_000).price(id)!.output, 0, 'without a coefficient it has none');
  t.end();
});
