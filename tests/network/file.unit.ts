import t from 'tap';
import fc from 'fast-check';
import { toHex } from '../../feeds/base/mod.ts';
import {
  canonicalJson,
  defaultLedgerRules,
  defaultRules,
  isNetworkName,
  MAIN,
  networkId,
  networkToJson,
  parseNetwork,
  RULES,
  topicOf,
} from '../../node/network/mod.ts';

// deno-lint-ignore no-explicit-any -- mutated at will
const json = (bootstrap: string[] | null = null): any =>
  JSON.parse(JSON.stringify(networkToJson({ file: MAIN, bootstrap })));

t.test('the id of the open network is fixed: members of all versions must agree', (t) => {
  t.equal(
    toHex(networkId(MAIN)),
    'b1cdbaa60da34fa5e7da1d3e78cbf9e2de164b2167878ce274db032ee77a6d88',
  );
  t.end();
});

t.test('a network file comes back the same, whatever stands outside its hash', (t) => {
  const { file, bootstrap } = parseNetwork(json(['dht.example:49737', '[::1]:1']));
  t.same(file, MAIN);
  t.same(bootstrap, ['dht.example:49737', '[::1]:1']);
  const other = { ...json(), reasons: { heartbeatMs: 'because' } };
  t.same(networkId(parseNetwork(other).file), networkId(MAIN));
  t.end();
});

t.test('every rule, the name, the kind and the models are in the id', (t) => {
  const ids = new Set([toHex(networkId(MAIN))]);
  for (const name of Object.keys(RULES) as (keyof typeof RULES)[]) {
    const rules = { ...defaultRules(), [name]: RULES[name].value + 1 };
    ids.add(toHex(networkId({ ...MAIN, rules })));
  }
  ids.add(toHex(networkId({ ...MAIN, name: 'mine' })));
  ids.add(toHex(networkId({ ...MAIN, kind: 'private', owner: new Uint8Array(32) })));
  t.equal(ids.size, Object.keys(RULES).length + 3);
  t.end();
});

t.test('every usual rule is within its own bounds and has a reason', (t) => {
  for (const [name, { value, least, most, reason }] of Object.entries(RULES)) {
    t.ok(least <= value && value <= most && reason.length > 20, name);
  }
  t.end();
});

t.test('an optional rule is written where it differs, and has its usual value where it is not', (t) => {
  const rules = { ...defaultRules(), canaryShare: 500 };
  const file = { ...MAIN, name: 'planted', rules };
  const written = JSON.parse(JSON.stringify(networkToJson({ file, bootstrap: null })));
  t.equal(written.rules.canaryShare, 500);
  t.same(parseNetwork(written).file, file);
  const usual = json();
  t.notOk('canaryShare' in usual.rules);
  usual.rules.canaryShare = 0;
  t.same(
    networkId(parseNetwork(usual).file),
    networkId(MAIN),
    'said or not, it is the same network',
  );
  usual.rules.canaryShare = null;
  t.throws(() => parseNetwork(usual), { code: 'NETWORK_INVALID' });
  t.end();
});

t.test('what newer programs know of rules changes no id of a network that does not use it', (t) => {
  const witnesses = [{ key: new Uint8Array(32).fill(1), weight: 1 }];
  const terms = { rules: defaultLedgerRules(), genesis: [], coefficients: [] };
  const file = { ...MAIN, name: 'money', witnesses, ledger: terms };
  const usual = JSON.parse(JSON.stringify(networkToJson({ file, bootstrap: null })));
  t.notOk('claimCost' in usual.ledger.rules);
  t.notOk('probeTokens' in usual.ledger.rules);
  t.notOk('printChallengers' in usual.rules);
  t.same(parseNetwork(usual).file, file);
  usual.ledger.rules.claimCost = 10;
  usual.rules.printChallengers = 3;
  const measured = parseNetwork(usual).file;
  t.equal(measured.ledger!.rules.claimCost, 10);
  t.equal(measured.rules.printChallengers, 3);
  t.notSame(networkId(measured), networkId(file));
  usual.rules.printEveryCuts = 2_000;
  t.throws(() => parseNetwork(usual), { message: /printEveryCuts is above printExpireCuts/ });
  t.end();
});

t.test('a wrong network file is refused with the reason', (t) => {
  // deno-lint-ignore no-explicit-any -- mutated at will
  const wrong = (change: (file: any) => void, message: RegExp) => {
    const file = json();
    change(file);
    t.throws(() => parseNetwork(file), { code: 'NETWORK_INVALID', message });
  };
  wrong((f) => f.format = 'nexus-network/2', /format/);
  wrong((f) => f.name = '../x', /name/);
  wrong((f) => f.kind = 'secret', /kind/);
  wrong((f) => f.owner = '00'.repeat(32), /owner/);
  wrong((f) => f.kind = 'private', /owner/);
  wrong((f) => delete f.rules.tokenMs, /tokenMs is missing/);
  wrong((f) => f.rules.tokenms = 1, /did you mean "tokenMs"/);
  wrong((f) => f.rules.heartbeatMs = 1.5, /heartbeatMs/);
  wrong((f) => f.rules.heartbeatMs = 1e12, /heartbeatMs/);
  wrong((f) => f.rules.minPrice = f.rules.maxPrice + 1, /minPrice/);
  wrong((f) => f.bootstrap = ['nowhere'], /host:port/);
  wrong((f) => f.models = [{ name: 'x', profile: {} }], /model x/);
  wrong((f) => f.models = Array(65).fill({}), /at most 64/);
  wrong((f) => f.extra = 1, /unknown member "extra"/);
  t.end();
});

t.test('no value makes the parser fail in another way', (t) => {
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(json())), (value, name) => {
    for (const hostile of [value, { ...json(), [name]: value }]) {
      try {
        parseNetwork(hostile);
      } catch (thrown) {
        if ((thrown as { code?: string }).code !== 'NETWORK_INVALID') return false;
      }
    }
    return true;
  }));
  t.end();
});

t.test('canonical JSON does not depend on the order of members', (t) => {
  t.equal(canonicalJson({ b: [1, 'é\n'], a: null }), '{"a":null,"b":[1,"é\\n"]}');
  for (const bad of [0.5, -0, NaN, 2 ** 53, '\ud800', undefined, () => {}]) {
    t.throws(() => canonicalJson({ bad }), { code: 'JSON_NOT_CANONICAL' });
  }
  let deep: unknown = 1;
  for (let i = 0; i < 10_000; i++) deep = [deep];
  t.throws(() => canonicalJson(deep), { code: 'JSON_NOT_CANONICAL' });
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.integer()), (object) => {
    const turned = Object.fromEntries(Object.entries(object).reverse());
    return canonicalJson(object) === canonicalJson(turned);
  }));
  t.end();
});

t.test('network, secret and profile each make another topic', (t) => {
  const [a, b] = [new Uint8Array(32), new Uint8Array(32).fill(1)];
  const topics = [
    topicOf(a, null, null),
    topicOf(b, null, null),
    topicOf(a, a, null),
    topicOf(a, b, null),
    topicOf(a, null, a),
    topicOf(a, a, a),
  ].map(toHex);
  t.equal(new Set(topics).size, topics.length);
  t.end();
});

t.test('a name of a network is a safe name of a folder', (t) => {
  for (const good of ['home', 'a', 'team-7', 'x'.repeat(32)]) t.ok(isNetworkName(good), good);
  for (const bad of ['', '.', '..', 'a/b', 'A', 'a_b', '-a', 'a-', 'a--b', 'x'.repeat(33), null]) {
    t.notOk(isNetworkName(bad), String(bad));
  }
  t.end();
});
