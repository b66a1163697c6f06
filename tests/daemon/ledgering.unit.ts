import t from 'tap';
import { NodeLedger, type PresentLedger } from '../../node/daemon/ledger.ts';
import { Ledgering, type LedgeringOptions } from '../../node/daemon/ledgering.ts';
import { defaultLedgerRules } from '../../node/network/ledger.ts';

const MODEL = new Uint8Array(32).fill(10), ME = new Uint8Array(32).fill(1);

function world() {
  const coefficients = [{ profile: MODEL, prompt: 500, output: 1000 }];
  const terms = { rules: defaultLedgerRules(), genesis: [], coefficients };
  const rules = { maxPrice: 1_000_000, epochMs: 3000 };
  const ledger = new NodeLedger({ terms, me: ME, rules });
  const told: number[] = [];
  const ledgering = new Ledgering(
    {
      ledger,
      node: { network: { id: ME, file: { ledger: terms, models: [] } }, roles: new Set() },
      me: ME,
      onPrices: () => told.push(ledger.askedPrice(MODEL, null)),
    } as unknown as LedgeringOptions,
  );
  const price = { profile: '', prompt: 1, output: 400, level: 400_000, utilisation: 0 };
  const fold = (epoch: number | null) =>
    ({ epoch, root: ME, priceOf: () => price }) as unknown as PresentLedger;
  return { ledger, ledgering, told, fold };
}

t.test('who goes on where it was asks what was asked there, before it has read on', (t) => {
  const { ledger, ledgering, told, fold } = world();
  ledgering.begin(null, fold(null));
  t.same(told, []);
  t.equal(ledger.askedPrice(MODEL, null), 1000, 'from the first cut on: the coefficient');
  ledgering.begin(null, fold(90));
  t.same(told, [400]);
  t.ok(ledger.reading, 'what it knows may be old');
  t.end();
});
