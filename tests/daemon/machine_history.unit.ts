import t from 'tap';
import type { PrintEvent } from '../../feeds/fingerprints/mod.ts';
import type { FiguresRow } from '../../node/control/mod.ts';
import { Challenging } from '../../node/daemon/challenging.ts';
import { MachineHistory } from '../../node/daemon/machine_history.ts';
import type { ProbingOptions } from '../../node/daemon/probing.ts';
import type { Challenged } from '../../node/prober/mod.ts';

const claimed = (at: number, decode: number) =>
  ({
    type: 'claimed',
    executor: 'e',
    profile: 'p',
    claim: { at, prefill: 8000, decode },
  }) as PrintEvent;
const attested = (decodeRate: number) =>
  ({
    type: 'attested',
    attested: { executor: 'e', profile: 'p', prefillRate: 9000, decodeRate, by: ['a', 'b'] },
  }) as unknown as PrintEvent;

t.test('claims and attestations are dated by their cuts, however late they are read', (t) => {
  const history = new MachineHistory();
  history.took(10, [claimed(5_000, 1000), attested(2000)]);
  history.took(20, [claimed(9e15, 3000)]);
  t.same(history.all.get('e:p'), [], 'nobody knows yet how old they are');
  const own = { at: 90_000, source: 'own' as const, by: 'me', prefill: 1, decode: 4 };
  history.add('e', 'p', own);
  history.settled(100, 100_000, 1000);
  const rows = [
    { at: 5_000, source: 'claim', by: 'e', prefill: 8, decode: 1 },
    { at: 10_000, source: 'attestation', by: 'a', prefill: 9, decode: 2 },
    { at: 20_000, source: 'claim', by: 'e', prefill: 8, decode: 3 },
    own,
  ];
  t.same(history.all.get('e:p'), rows);
  history.took(101, [attested(5000)]);
  history.settled(101, 101_500, 1000);
  t.same(history.all.get('e:p')?.map(({ at }) => at), [5_000, 10_000, 20_000, 90_000, 101_500]);
  for (let i = 0; i < 50; i++) history.took(102, [attested(i)]);
  history.settled(102, 0, 1000);
  t.equal(history.all.get('e:p')?.length, 32, 'the newest');
  t.end();
});

t.test('what this node finds of a peer is remembered', async (t) => {
  const executor = new Uint8Array(32).fill(1), profile = new Uint8Array(32).fill(2);
  const rate = (median: number) => ({ median, mad: 0, low: median, high: median });
  const of = (runs: number) =>
    ({
      record: {
        executor,
        profile,
        runs,
        prefill: rate(8000),
        decode: rate(4000),
        streams: [{ streams: 2, ...rate(6000) }],
        context: 512,
      },
    }) as unknown as Challenged;
  const found = [of(0), of(9)], seen: [string, string, FiguresRow][] = [];
  const options = {
    node: {
      home: { paths: { fingerprints: '' } },
      network: { file: { rules: { epochMs: 1000 } } },
    },
    bus: { emit: () => {} },
  } as unknown as ProbingOptions;
  const challenging = new Challenging(options, {
    busy: () => null,
    prints: () => null,
    onChange: () => {},
    onMeasured: (...one) => seen.push(one),
    challenge: () => Promise.resolve(found.shift()!),
  });
  const order = { executor, profile, drawn: null };
  for (let i = 0; i < 2; i++) {
    await challenging.challenger.ask(order, () => {}, new AbortController().signal);
  }
  await challenging.challenger[Symbol.asyncDispose]();
  t.equal(seen.length, 1, 'what came to no figures is not');
  t.match(seen[0], ['01'.repeat(32), '02'.repeat(32), { prefill: 8, decode: 4, streamRate: 6 }]);
});
