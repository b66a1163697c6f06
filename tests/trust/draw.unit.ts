import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { drawAuditors, isDrawn, readingsOf } from '../../feeds/trust/draw.ts';
import { Pool } from '../../feeds/trust/pool.ts';
import { bytes32 } from './world.ts';

const candidates = Array.from({ length: 12 }, (_, i) => toHex(bytes32('candidate', i)));
const subject = toHex(bytes32('subject'));
const nobody = new Set<string>();
const equal = new Pool(candidates, () => 1);

t.test('with equal weights every candidate is drawn equally often, whatever the weight', (t) => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 300; i++) {
    const beacon = bytes32('beacon', i);
    const drawn = drawAuditors(beacon, subject, false, equal, nobody, 2);
    if (i < 20) {
      const other = new Pool([...candidates].reverse(), () => 7);
      const again = drawAuditors(beacon, subject, false, other, nobody, 2);
      t.same(again, drawn, 'the order of the candidates is nothing');
    }
    for (const one of drawn) counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  // 50 expected each, standard deviation 6.5.
  for (const count of counts.values()) t.ok(count > 15 && count < 85, `${count}`);
  t.equal(counts.size, candidates.length);
  t.end();
});

t.test('who weighs three times as much is drawn three times as often', (t) => {
  const [heavy, ...others] = candidates as [string, ...string[]];
  const pool = new Pool([heavy, ...others], (one) => one === heavy ? 3 : 1);
  let first = 0;
  for (let i = 0; i < 300; i++) {
    const [drawn] = drawAuditors(bytes32('b', i), subject, false, pool, nobody, 1);
    if (drawn === heavy) first++;
  }
  // 3 of 14: 64 expected, standard deviation 7; 25 with equal weights.
  t.ok(first > 42 && first < 100, `${first}`);
  t.end();
});

t.test('a panel is drawn anew', (t) => {
  const beacon = bytes32('beacon');
  const first = drawAuditors(beacon, subject, false, equal, nobody, 5);
  t.notSame(drawAuditors(beacon, subject, true, equal, nobody, 5), first);
  t.end();
});

t.test('nobody who is out is drawn, not even where nearly all of the weight is theirs', (t) => {
  const [heavy, ...others] = candidates as [string, ...string[]];
  const pool = new Pool(candidates, (one) => one === heavy ? 64_000_000 : 1);
  const out = new Set([heavy, others[0]!]);
  const drawn = drawAuditors(bytes32('beacon'), subject, false, pool, out, 20);
  t.same([...drawn].sort(), others.slice(1).sort());
  t.same(drawAuditors(bytes32('beacon'), subject, false, pool, out, 2).length, 2);
  t.same(drawAuditors(bytes32('beacon'), subject, false, new Pool([], () => 1), out, 2), []);
  t.end();
});

t.test('a rate is the share of subjects that are audited', (t) => {
  const beacon = bytes32('beacon');
  const share = (rate: number) =>
    Array.from({ length: 3000 }, (_, i) => isDrawn(beacon, toHex(bytes32('subject', i)), rate))
      .filter(Boolean).length;
  t.equal(share(10_000), 3000);
  t.equal(share(0), 0);
  const tenth = share(1000);
  t.ok(tenth > 230 && tenth < 370, `${tenth} of 3000`);
  t.end();
});

t.test('readings are distinct positions of the answer, all of a short one', (t) => {
  const draw = toHex(bytes32('draw'));
  const positions = readingsOf(draw, 100, 8);
  t.equal(new Set(positions).size, 8);
  t.ok(positions.every((position) => position >= 0 && position < 100));
  t.same([...readingsOf(draw, 3, 8)].sort(), [0, 1, 2]);
  t.end();
});
