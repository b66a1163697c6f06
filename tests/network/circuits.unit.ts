import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import {
  circuitsFrom,
  MAIN,
  type NetworkFile,
  networkId,
  networkToJson,
  parseNetwork,
} from '../../node/network/mod.ts';

const KEY = 'ab'.repeat(32);
const witnesses = [{ key: new Uint8Array(32).fill(1), weight: 1 }];
const PROVING: NetworkFile = {
  ...MAIN,
  name: 'proving',
  witnesses,
  circuits: { share: 500, withinCuts: 8, keys: { sample: KEY } },
};
// deno-lint-ignore no-explicit-any -- mutated at will
const json = (file = PROVING): any =>
  JSON.parse(JSON.stringify(networkToJson({ file, bootstrap: null })));

t.test('proofs stand in a network file that asks for them, with reasons, and in its id alone', (t) => {
  t.notHas(json({ ...PROVING, circuits: null }), { circuits: {} });
  const { file } = parseNetwork(json());
  t.same(file, PROVING);
  t.match(json().reasons, { 'sample.share': /free core/, 'circuits.keys': /forge/ });
  const ids = new Set([
    PROVING,
    { ...PROVING, circuits: null },
    { ...PROVING, circuits: { ...PROVING.circuits!, share: 501 } },
    { ...PROVING, circuits: { ...PROVING.circuits!, withinCuts: 9 } },
    { ...PROVING, circuits: { ...PROVING.circuits!, keys: { sample: 'cd'.repeat(32) } } },
  ].map((one) => toHex(networkId(one))));
  t.equal(ids.size, 5);
  t.end();
});

t.test('a wrong part about proofs is refused with the reason', (t) => {
  const wrong = (change: (circuits: Record<string, unknown>) => void) => {
    const changed = json();
    change(changed.circuits);
    return () => parseNetwork(changed);
  };
  const invalid = (message: RegExp) => ({ code: 'NETWORK_INVALID', message });
  t.throws(wrong((c) => c.sample = { share: 10_001, withinCuts: 8 }), invalid(/share/));
  t.throws(wrong((c) => c.sample = { share: 1, withinCuts: 0 }), invalid(/withinCuts/));
  t.throws(wrong((c) => c.sample = { share: 1 }), invalid(/withinCuts is missing/));
  t.throws(wrong((c) => c.keys = {}), invalid(/no key/));
  t.throws(wrong((c) => c.keys = { sample: 'ab' }), invalid(/64/));
  t.throws(wrong((c) => c.keys = { other: KEY }), invalid(/unknown member/));
  t.throws(() => parseNetwork({ ...json(), witnesses: [] }), invalid(/proofs need witnesses/));
  t.end();
});

t.test('what is to be proven is said as a person says it', (t) => {
  const keys = { sample: KEY };
  t.same(circuitsFrom('sample', keys), { share: 500, withinCuts: 8, keys });
  t.same(circuitsFrom('sample:25%', keys), { share: 2500, withinCuts: 8, keys });
  t.same(circuitsFrom(' sample:0.5%/20 ', keys), { share: 50, withinCuts: 20, keys });
  for (const text of ['', 'standing', 'sample:', 'sample:101%', 'sample:5', 'sample:5%/0']) {
    t.throws(() => circuitsFrom(text, keys), { code: 'PROVE_INVALID' }, text);
  }
  t.end();
});
