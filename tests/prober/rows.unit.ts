import t from 'tap';
import type { PrintRow } from '../../feeds/fingerprints/mod.ts';
import { fingerprintRows } from '../../node/prober/mod.ts';

const EXECUTOR = 'ab'.repeat(32), PROFILE = 'cd'.repeat(32);
const figures = [{ figure: 'decode' as const, claimed: 90_000, low: 9_000, high: 11_000 }];

function rowOf(refuted: PrintRow['refuted'], attested: PrintRow['attested'] = null) {
  return fingerprintRows({
    me: EXECUTOR,
    epoch: 7,
    challengers: 3,
    prints: [
      { executor: EXECUTOR, profile: PROFILE, claim: null, attested, refuted, duties: [] },
    ],
    own: [],
    served: [],
    measured: new Map(),
    history: new Map(),
    challenges: [],
    cost: null,
    note: null,
    nameOf: () => null,
    modelOf: () => null,
    hex: () => '',
  }).nodes[0];
}

t.test('a claim that does not hold is shown, whether or not a class is attested', (t) => {
  const refuted = {
    executor: EXECUTOR,
    profile: PROFILE,
    backendClass: '',
    figures,
    epoch: 5,
    until: 9,
  };
  t.match(rowOf(refuted), {
    attested: null,
    contradicted: { figure: 'decode', claimed: 90, low: 9, high: 11, epoch: 5 },
  });
  t.match(rowOf(null), { contradicted: null });
  const rate = { low: 9_000, high: 11_000, confidence: 99 };
  const found = (...by: string[]) =>
    rowOf(null, {
      executor: EXECUTOR,
      profile: PROFILE,
      backendClass: '',
      prefill: rate,
      decode: rate,
      prefillRate: 10_000,
      decodeRate: 10_000,
      streams: null,
      streamRate: null,
      context: rate,
      raw: { backend: 'cpu', rate: 1, memory: 1 },
      beacon: 4,
      epoch: 5,
      until: 9,
      by,
      contradicted: figures,
    });
  t.match(found('a', 'b'), { contradicted: { figure: 'decode', epoch: 5 } });
  t.match(found('a'), { contradicted: null, attested: { by: ['a'] } }, 'one alone accuses nobody');
  t.end();
});
