import t from 'tap';
import fc from 'fast-check';
import {
  checkPublished,
  factors,
  NCU_METHOD,
  ncuCoefficients,
  PUBLISHED,
  REFERENCE,
  tokenJoules,
} from '../../fingerprint/ncu/mod.ts';
import { toHex } from '../../feeds/base/mod.ts';
import { profileId } from '../../feeds/records/mod.ts';
import { readTable } from '../../node/models/mod.ts';
import {
  coefficientsOf,
  defaultLedgerRules,
  ledgerToJson,
  MAIN,
  networkId,
  networkToJson,
  parseNetwork,
} from '../../node/network/mod.ts';

const LLAMA = { bytes: 4.92e9, parameters: 8.03e9, kvBytesPerToken: 131_072 };
const ALONE = { streams: 1, context: 1000 };

t.test('published measurements are within the errors that are stated', (t) => {
  const checked = checkPublished();
  for (const { model, machine, joules, predicted } of checked) {
    const factor = Math.max(predicted / joules, joules / predicted);
    t.ok(factor < 1.9, `${model} on ${machine.name}: ${joules} J, ${predicted.toFixed(3)} J`);
  }
  const { middle, most } = factors(checked);
  t.ok(middle < 1.4 && most < 1.9, `${middle} ${most}`);
  const known = [0.12, 2.6, 1.11];
  t.ok(known.every((joules) => PUBLISHED.some((one) => one.joules === joules)));
  t.end();
});

t.test('a token costs more where more is read, and less where steps are shared', (t) => {
  const size = fc.record({
    bytes: fc.integer({ min: 1e6, max: 1e12 }),
    parameters: fc.integer({ min: 1e6, max: 1e12 }),
    kvBytesPerToken: fc.integer({ min: 0, max: 1e6 }),
  });
  fc.assert(fc.property(size, fc.integer({ min: 1, max: 128 }), (model, streams) => {
    const of = (more = {}, use = {}) =>
      tokenJoules({ ...model, ...more }, REFERENCE, { ...ALONE, ...use });
    return of({ bytes: 2 * model.bytes }).output > of().output &&
      of({ parameters: 2 * model.parameters }).prompt > of().prompt &&
      of({}, { context: 2000 }).output >= of().output &&
      of({}, { streams: streams + 1 }).output < of({}, { streams }).output &&
      of({ active: 0.25 }).output < of().output && of({ active: 0.25 }).prompt < of().prompt;
  }));
  const eight = tokenJoules({ ...LLAMA, bytes: 8.54e9 }, REFERENCE, ALONE);
  t.ok(eight.output > tokenJoules(LLAMA, REFERENCE, ALONE).output, 'eight bits beside four');
  const unknown = tokenJoules({ ...LLAMA, parameters: 0 }, REFERENCE, ALONE);
  t.ok(unknown.prompt > 0, 'a file tells about how many weights it has');
  t.end();
});

t.test('coefficients are whole micro-NCU, never nothing', async (t) => {
  t.same(ncuCoefficients(LLAMA, 8192), { prompt: 189, output: 2967 });
  t.same(ncuCoefficients({ bytes: 1, parameters: 1, kvBytesPerToken: null }, 1), {
    prompt: 1,
    output: 1,
  });
  const rated = (await readTable()).map(({ entry }) =>
    [entry.name, coefficientsOf(entry)] as const
  );
  t.match(Object.fromEntries(rated), {
    'austen-3.7m': { prompt: 1, output: 3 },
    'smollm2-135m': { prompt: 4, output: 71 },
  }, 'another method is another version');
});

t.test('a network says how its coefficients were worked out', async (t) => {
  const [{ entry }] = await readTable() as [Awaited<ReturnType<typeof readTable>>[number]];
  const coefficients = [coefficientsOf(entry)];
  const plain = { rules: defaultLedgerRules(), genesis: [], coefficients };
  const ledger = { ...plain, method: NCU_METHOD };
  const witnesses = [{ key: profileId(entry.profile), weight: 1 }];
  const file = { ...MAIN, name: 'lab', witnesses, ledger };
  const json = JSON.parse(JSON.stringify(networkToJson({ file, bootstrap: null })));
  t.equal(json.ledger.method, 'ncu/1');
  t.same(parseNetwork(json).file.ledger, ledger);
  t.equal(toHex(networkId(parseNetwork(json).file)), toHex(networkId(file)));
  t.notOk('method' in ledgerToJson(plain), 'a file that is older keeps its id');
  for (const method of ['', 'NCU', 'ncu/x', 7, 'a/1\n']) {
    t.throws(() => parseNetwork({ ...json, ledger: { ...json.ledger, method } }), {
      code: 'NETWORK_INVALID',
    });
  }
});
