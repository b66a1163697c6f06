import fc from 'fast-check';
import t from 'tap';
import { defaultRules, PRESETS } from '../../node/network/mod.ts';
import {
  beginAfter,
  Budget,
  busy,
  left,
  PROBE_POLICY,
  shareOf,
  waitFor,
} from '../../node/prober/mod.ts';

const peer = (id: number) => new Uint8Array(32).fill(id);

t.test('the presets measure a node for at most one per cent of its time', (t) => {
  const { challengeMs, share } = PROBE_POLICY;
  for (const [name, { audit, prints }] of Object.entries(PRESETS)) {
    const rules = { ...defaultRules(), ...audit, ...prints };
    t.ok(rules.printChallengers > 0, `${name} measures`);
    const taken = shareOf({
      epochMs: rules.epochMs,
      everyCuts: rules.printEveryCuts,
      challengers: rules.printChallengers,
      profiles: 1,
      challengeMs,
    });
    t.ok(taken <= share, `${name}: ${(100 * taken).toFixed(2)} %`);
  }
  t.end();
});

t.test('what is given never exceeds the share by more than the first allowance', (t) => {
  const step = fc.record({ wait: fc.nat(600_000), cost: fc.nat(20_000), drawn: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    let now = 0;
    const budget = new Budget(PROBE_POLICY, () => now);
    for (const [i, { wait, cost, drawn }] of steps.entries()) {
      now += wait;
      try {
        budget.enter(peer(i % 7), drawn);
      } catch {
        continue;
      }
      budget.spend(cost);
      now += cost;
      const { burstMs, drawnMs, share } = PROBE_POLICY;
      // The last one may have begun with nearly nothing left.
      const most = burstMs + drawnMs + share * now + 20_000;
      if (budget.spent.ms > most) return false;
    }
    return true;
  }));
  t.end();
});

t.test('whom nobody drew cannot take the place of a drawn challenger', (t) => {
  let now = 0;
  const budget = new Budget(PROBE_POLICY, () => now);
  for (let i = 0; i < 50; i++) {
    try {
      budget.enter(peer(i), false);
      budget.spend(5_000);
    } catch { /* refused */ }
  }
  t.throws(() => budget.enter(peer(99), false), { code: 'TOO_OFTEN' });
  t.doesNotThrow(() => budget.enter(peer(100), true));
  now += 3_600_000;
  budget.enter(peer(1), false);
  t.throws(() => budget.enter(peer(1), false), { code: 'TOO_OFTEN' }, 'nor come again at once');
  now += 50_000;
  budget.leave(peer(1));
  now += 50_000;
  t.throws(() => budget.enter(peer(1), false), { code: 'TOO_OFTEN' }, 'the end is what counts');
  now += 10_000;
  budget.enter(peer(1), false);
  t.end();
});

t.test('time is earned by waiting', (t) => {
  const policy = { share: 0.01, burstMs: 1000 };
  const spent = { since: 0, ms: 1000 };
  t.equal(left(spent, 0, policy), 0);
  t.equal(left(spent, 100_000, policy), 1000);
  t.equal(waitFor(spent, 500, 0, policy), 50_000);
  t.equal(waitFor(spent, 500, 50_000, policy), 0);
  t.end();
});

t.test('challengers of one draw begin apart, and in time', (t) => {
  const args = [fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 1e8 })] as const;
  fc.assert(
    fc.property(...args, fc.double({ min: 0, max: 0.999, noNaN: true }), (k, ms, random) => {
      const begins = Array.from({ length: k }, (_, place) => beginAfter(place, k, ms, random));
      const later = Array.from({ length: k }, (_, place) => beginAfter(place, k, ms, 0.999));
      return begins.every((at, i) => at >= 0 && at < ms && (i === 0 || at > later[i - 1]!));
    }),
  );
  t.end();
});

t.test('nothing is measured while a job is here, or has just ended', (t) => {
  t.match(busy({ jobs: 1, quietMs: 1e9 }, PROBE_POLICY), /a job/);
  t.match(busy({ jobs: 0, quietMs: 10 }, PROBE_POLICY), /just ended/);
  t.equal(busy({ jobs: 0, quietMs: 1e9 }, PROBE_POLICY), null);
  t.end();
});
