import t from 'tap';
import {
  decideSharing,
  MAX_BLOCKS,
  SHARING_BLOCKS,
  type SharingBlock,
  sharingSchedule,
} from '../../fingerprint/sharing/mod.ts';
import { randomOf } from '../lib/random.ts';

/** A block of noisy times: everything takes up to half as long again. */
function blockOf(random: () => number, slowA: number, slowB: number): SharingBlock {
  const time = (slow: number) => 100 * slow * (1 + 0.5 * random() ** 3);
  return {
    aloneA: time(1),
    aloneB: time(1.4),
    togetherA: time(slowA),
    togetherB: time(1.4 * slowB),
    overlap: 0.9,
  };
}

function verdicts(seed: number, trials: number, slowA: number, slowB: number) {
  const random = randomOf(seed), counts = { shared: 0, separate: 0, inconclusive: 0 };
  for (let trial = 0; trial < trials; trial++) {
    const blocks = Array.from({ length: SHARING_BLOCKS }, () => blockOf(random, slowA, slowB));
    counts[decideSharing(blocks).verdict]++;
  }
  return counts;
}

t.test('two on one machine are exposed', (t) => {
  t.ok(verdicts(1, 300, 2, 2).shared >= 285);
  t.ok(verdicts(2, 300, 1.7, 1.7).shared >= 285);
  t.end();
});

t.test('two machines are not accused', (t) => {
  const { shared, separate } = verdicts(3, 1000, 1, 1);
  t.equal(shared, 0);
  t.ok(separate > 900);
  t.end();
});

t.test('one that is slowed down alone accuses nobody', (t) => {
  t.equal(verdicts(4, 300, 3, 1).shared, 0);
  t.end();
});

t.test('the chance of an accusation by noise alone is what p says', (t) => {
  // A slow-down that convicts, in noise that is as large: only p stands in the way.
  const random = randomOf(5), trials = 2000;
  let low = 0;
  for (let trial = 0; trial < trials; trial++) {
    const blocks = Array.from({ length: SHARING_BLOCKS }, () => {
      const time = () => Math.exp(2 * (random() - 0.5));
      return { aloneA: time(), aloneB: time(), togetherA: time(), togetherB: time(), overlap: 1 };
    });
    if (decideSharing(blocks).p <= 0.05) low++;
  }
  t.ok(low / trials < 0.05 + 4 * Math.sqrt(0.05 * 0.95 / trials), `${low}`);
  t.end();
});

t.test('blocks that did not run at once, or were not measured, do not count', (t) => {
  const random = randomOf(6);
  const blocks = Array.from({ length: 8 }, () => blockOf(random, 2, 2));
  t.equal(decideSharing(blocks.map((block) => ({ ...block, overlap: 0.3 }))).blocks, 0);
  t.equal(decideSharing(blocks.map((block) => ({ ...block, aloneA: NaN }))).blocks, 0);
  t.match(decideSharing([]), { verdict: 'inconclusive', p: 1 });
  t.match(decideSharing(blocks.slice(0, 4)), { verdict: 'inconclusive' }, 'too few');
  const many = Array.from({ length: 40 }, () => blocks).flat();
  t.equal(decideSharing(many).blocks, MAX_BLOCKS);
  t.end();
});

t.test('the order is drawn from the nonce', (t) => {
  const schedule = (nonce: number) => sharingSchedule(new Uint8Array(32).fill(nonce), 8);
  t.same(schedule(1), schedule(1));
  t.notSame(schedule(1), schedule(2));
  for (const steps of schedule(1)) t.same([...steps].sort(), ['a', 'b', 'both']);
  t.end();
});
