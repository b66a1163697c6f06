import fc from 'fast-check';
import t from 'tap';
import {
  type Candidate,
  DEADLINE_RULES,
  deadlines,
  failuresAt,
  NO_STATS,
  type Observation,
  observe,
  type PeerStats,
  rank,
  type RouteRequest,
  StatsBook,
} from '../../node/router/mod.ts';

const PROFILE = new Uint8Array(32).fill(1);
const CLASS = new Uint8Array(32).fill(2);

function candidate(id: number, more: Partial<Candidate> = {}): Candidate {
  return {
    executor: new Uint8Array(32).fill(id),
    profile: PROFILE,
    class: CLASS,
    price: 5,
    rttMs: 10,
    load: { active: 0, queued: 0, slots: 4 },
    warm: true,
    tokensPerSecond: 50,
    firstTokenMs: 200,
    failures: 0,
    prefixAffinity: 0,
    isLocal: false,
    versions: [1],
    banned: false,
    ...more,
  };
}

function request(more: Partial<RouteRequest> = {}): RouteRequest {
  return {
    profile: PROFILE,
    promptTokens: 100,
    maxTokens: 100,
    priceCap: 10,
    where: 'any',
    version: 1,
    excluded: new Map(),
    class: null,
    ...more,
  };
}

const cost = (c: Candidate, r = request()): number => rank([c], r, () => 0).order[0]!.cost;

t.test('who may not be asked is named with the reason', (t) => {
  const cases: [Candidate, string][] = [
    [candidate(1, { profile: CLASS }), 'OTHER_PROFILE'],
    [candidate(2, { banned: true }), 'BANNED'],
    [candidate(2, { distrusted: 'a check found something' }), 'DISTRUSTED'],
    [candidate(3), 'EXCLUDED'],
    [candidate(4, { versions: [2, 3] }), 'VERSION'],
    [candidate(5, { price: 11 }), 'PRICE'],
    [candidate(6, { load: { active: 4, queued: 9, slots: 4, queueLimit: 9 } }), 'FULL'],
    [candidate(7, { load: { active: 0, queued: 0, slots: 0 } }), 'FULL'],
    [candidate(8, { isLocal: true }), 'WHERE'],
  ];
  const excluded = new Map([['03'.repeat(32), 'asked before']]);
  const all = cases.map(([c]) => c);
  const { order, rejected } = rank(all, request({ where: 'mesh', excluded }), () => 0);
  t.same(order, []);
  t.same(rejected.map((r) => r.code), cases.map(([, code]) => code));
  t.ok(rejected.every((r) => r.message.length > 0));
  t.same(rank(all, request({ where: 'local' }), () => 0).order.length, 1);
  t.end();
});

t.test('each thing that makes an executor worse makes it cost more', (t) => {
  const base = cost(candidate(1));
  const worse: [string, Partial<Candidate>][] = [
    ['rtt', { rttMs: 300 }],
    ['slow', { tokensPerSecond: 20 }],
    ['late', { firstTokenMs: 900 }],
    ['busy', { load: { active: 3, queued: 0, slots: 4 } }],
    ['queue', { load: { active: 4, queued: 3, slots: 4 } }],
    ['cold', { warm: false }],
    ['dear', { price: 10 }],
    ['failing', { failures: 1 }],
  ];
  for (const [name, more] of worse) t.ok(cost(candidate(1, more)) > base, name);
  t.ok(cost(candidate(1, { prefixAffinity: 1 })) < base, 'affinity');
  t.ok(cost(candidate(1), request({ class: PROFILE })) > base, 'another class in mid-answer');
  const unknown = candidate(1, { tokensPerSecond: null, firstTokenMs: null, rttMs: null });
  t.ok(Number.isFinite(cost(unknown)));
  const { reasons } = rank([candidate(1)], request(), () => 0).order[0]!;
  const sum = reasons.filter((r) => r.unit === 'ms').reduce((n, r) => n + r.value, 0);
  const factor = reasons.filter((r) => r.unit === 'x').reduce((n, r) => n * r.value, 1);
  t.ok(Math.abs(sum * factor - base) < 1e-9, 'the reasons explain the cost');
  t.end();
});

t.test('the best are drawn by weight, the bad ones come last', (t) => {
  const list = [candidate(1), candidate(2), candidate(3, { tokensPerSecond: 2 })];
  const firsts = new Map<number, number>();
  for (let i = 0; i < 1000; i++) {
    const { order } = rank(list, request(), () => (i + 0.5) / 1000);
    const id = order[0]!.candidate.executor[0]!;
    firsts.set(id, (firsts.get(id) ?? 0) + 1);
    if (i % 100 === 0) t.equal(order[2]!.candidate.executor[0], 3);
  }
  t.same(Object.fromEntries(firsts), { 1: 500, 2: 500 });
  t.end();
});

t.test('any: the mesh first, then this node', (t) => {
  const own = candidate(1, { isLocal: true, rttMs: 0, tokensPerSecond: 1000 });
  const { order } = rank([own, candidate(2, { tokensPerSecond: 1 })], request(), () => 0);
  t.same(order.map((r) => r.candidate.isLocal), [false, true]);
  t.end();
});

t.test('every candidate is either ordered once or rejected once', (t) => {
  const any = fc.record({
    price: fc.nat(20),
    banned: fc.boolean(),
    isLocal: fc.boolean(),
    warm: fc.boolean(),
    rttMs: fc.option(fc.nat(1000)),
    tokensPerSecond: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
    failures: fc.double({ min: 0, max: 16, noNaN: true }),
    prefixAffinity: fc.double({ noNaN: true }),
    load: fc.record({ active: fc.nat(9), queued: fc.nat(9), slots: fc.nat(4) }),
  });
  const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const where = fc.constantFrom('local' as const, 'mesh' as const, 'any' as const);
  fc.assert(fc.property(fc.array(any, { maxLength: 12 }), draws, where, (list, draw, where) => {
    const all = list.map((more, i) => candidate(i, more));
    const { order, rejected } = rank(all, request({ where }), () => draw);
    const seen = [...order, ...rejected].map((r) => r.candidate.executor[0]).sort();
    return seen.join() === all.map((c) => c.executor[0]).sort().join() &&
      order.every((r) => r.cost > 0 && Number.isFinite(r.cost) && r.chance > 0 && r.chance <= 1);
  }));
  t.pass('held for all');
  t.end();
});

t.test('deadlines follow what was measured, between floor and cap', (t) => {
  const rules = DEADLINE_RULES;
  const seen = (list: Observation[]): PeerStats => list.reduce(observe, NO_STATS);
  const times = <T>(n: number, value: T): T[] => Array.from({ length: n }, () => value);
  const unknown = deadlines(NO_STATS, 100, null);
  t.equal(unknown.heartbeatMs, rules.heartbeat.unknown);
  const calm = seen(times(9, { type: 'silence', ms: 110 }));
  t.equal(
    deadlines(calm, 100, 1).heartbeatMs,
    rules.heartbeat.floor + 2,
    'a steady peer is left soon',
  );
  t.equal(unknown.firstTokenMs, rules.firstToken.unknown);
  const steady = seen(times(20, { type: 'tokens', ms: 10, tokens: 1 }));
  t.equal(deadlines(steady, 100, 1).interTokenMs, rules.interToken.floor);
  const slow = seen(times(20, { type: 'tokens', ms: 4000, tokens: 2 }));
  t.ok(deadlines(slow, 100, 1).interTokenMs > 4000);
  const jitter = seen([100, 900, 100, 1200, 80].map((ms) => ({ type: 'silence', ms })));
  t.ok(deadlines(jitter, 100, 1).heartbeatMs > 1200, 'a jittery peer is given more time');
  const first = seen(times(5, { type: 'first', ms: 6600, promptTokens: 100 }));
  t.ok(deadlines(first, 1000, 1).firstTokenMs > 10 * 6600 * 0.8, 'grows with the prompt');
  fc.assert(fc.property(
    fc.array(fc.oneof(
      fc.record({ type: fc.constantFrom('accept', 'silence'), ms: fc.double() }),
      fc.record({ type: fc.constant('first'), ms: fc.double(), promptTokens: fc.nat(1e6) }),
      fc.record({ type: fc.constant('tokens'), ms: fc.double(), tokens: fc.integer() }),
    )),
    fc.option(fc.nat(1e5)),
    (list, rtt) => {
      const d = deadlines(seen(list as Observation[]), 10, rtt);
      return d.acceptMs >= rules.accept.floor && d.acceptMs <= rules.accept.cap &&
        d.interTokenMs >= rules.interToken.floor && d.interTokenMs <= rules.interToken.cap &&
        d.firstTokenMs >= rules.firstToken.floor && d.firstTokenMs <= rules.firstToken.cap &&
        d.heartbeatMs >= rules.heartbeat.floor && d.heartbeatMs <= rules.heartbeat.cap;
    },
  ));
  t.end();
});

t.test('failures fade, and the book is bounded', (t) => {
  const failed = observe(NO_STATS, { type: 'failure', at: 1000, weight: 4 });
  t.equal(failuresAt(failed, 1000), 4);
  t.ok(Math.abs(failuresAt(failed, 121_000) - 2) < 1e-9, 'half after two minutes');
  const book = new StatsBook(3);
  for (let i = 0; i < 10; i++) {
    book.observe(new Uint8Array(32).fill(i), PROFILE, { type: 'done' });
  }
  t.equal(book.size, 3);
  t.equal(book.get(new Uint8Array(32).fill(9), PROFILE).done, 1);
  t.equal(book.get(new Uint8Array(32).fill(1), PROFILE).done, 0);
  const key = new Uint8Array(32).fill(9);
  const { tokensPerSecond: _, firstTokenMs: __, failures: ___, ...offered } = candidate(9);
  const leave = [1, 2, 3, 4, 5, 6].map(() => book.enter(key));
  t.match(book.measured(offered, 10, 0).load, { active: 4, queued: 2 }, 'own jobs count at once');
  for (const each of leave) each(), each();
  t.equal(book.running(key), 0);
  t.end();
});

t.test('nobody else is asked for what cannot be paid', (t) => {
  const here = candidate(9, { isLocal: true });
  const { order, rejected } = rank(
    [candidate(1), here],
    request({ unpaid: 'short of 1 NCU' }),
    () => 0,
  );
  t.same(order.map((r) => r.candidate), [here], 'this node costs nothing');
  t.match(rejected, [{ code: 'NCU_SHORT', message: 'short of 1 NCU' }]);
  t.end();
});

t.test('where there is a ledger, reputation and bond count, and the reason is told', (t) => {
  const standing = (reputation: number, covered = true) =>
    candidate(1, { standing: { reputation, covered } });
  t.ok(cost(standing(1)) < cost(standing(0.5)));
  t.ok(cost(standing(0.5)) < cost(standing(0)));
  t.ok(cost(standing(1)) < cost(standing(1, false)));
  t.equal(cost(standing(1)), cost(candidate(1)), 'who is known to be honest costs no more');
  const [known, newcomer] = [
    standing(1),
    candidate(2, { standing: { reputation: 0, covered: false } }),
  ];
  const { order } = rank([known, newcomer], request(), () => 0.999);
  t.equal(order[0]!.candidate, newcomer, 'a newcomer finds work too');
  t.ok(order[0]!.chance < 0.5, 'though less');
  t.match(order[0]!.reasons.filter(({ name }) => name === 'reputation' || name === 'bond'), [
    { name: 'reputation', unit: 'x', value: 1.5 },
    { name: 'bond', unit: 'x', value: 1.2 },
  ]);
  t.notOk(
    rank([candidate(1)], request(), () => 0).order[0]!.reasons.some((r) => r.name === 'bond'),
  );
  t.end();
});

t.test('attested speed goes before what was measured, a claim earns nothing', (t) => {
  const said = (source: 'attested' | 'claimed', decode: number, contradicted = false) => ({
    speed: { source, prefill: 500, decode, contradicted },
  });
  const sourceOf = (c: Candidate) => {
    const { reasons } = rank([c], request(), () => 0).order[0]!;
    return Object.fromEntries(
      reasons.flatMap((r) => r.source === undefined ? [] : [[r.name, r.source]]),
    );
  };
  const unknown = { tokensPerSecond: null, firstTokenMs: null };
  t.strictSame(sourceOf(candidate(1, said('attested', 20))), {
    'first token': 'attested',
    decode: 'attested',
  });
  t.strictSame(sourceOf(candidate(1, said('claimed', 900))), {
    'first token': 'measured',
    decode: 'measured',
  });
  t.strictSame(sourceOf(candidate(1, { ...said('claimed', 900), ...unknown })), {
    'first token': 'claimed',
    decode: 'claimed',
  });
  t.strictSame(sourceOf(candidate(1, unknown)), { 'first token': 'assumed', decode: 'assumed' });
  t.ok(cost(candidate(1, said('attested', 20))) > cost(candidate(1, said('attested', 80))));
  t.equal(
    cost(candidate(1, { ...said('claimed', 1e9), ...unknown })),
    cost(candidate(1, { ...said('claimed', 900), ...unknown })),
    'who claims much is not asked before others',
  );
  t.ok(
    cost(candidate(1, { ...said('claimed', 1e9), ...unknown })) >= cost(candidate(1, unknown)),
    'nor before who claims nothing',
  );
  const { order } = rank(
    [candidate(1, said('attested', 60, true)), candidate(2, said('attested', 40))],
    request(),
    () => 0,
  );
  t.equal(order[0]!.candidate.executor[0], 2, 'a false claim loses against a slower machine');
  t.ok(order[1]!.reasons.some(({ name }) => name === 'false claim'));
  t.end();
});
