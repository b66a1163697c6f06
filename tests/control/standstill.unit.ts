import t from 'tap';
import { standstillMs, standstillText } from '../../node/control/mod.ts';

const AT = 1_800_000_000_000;
const [A, B, C] = ['aa', 'bb', 'cc'].map((byte) => byte.repeat(32)) as [string, string, string];
const seats = [A, B, C].map((key) => ({ key, weight: 1 }));
const rows = { epochMs: 3000, cutAt: AT, electorate: { since: 0, seats, coming: null } };

t.test('cuts stand still after some epochs, and not within seconds', (t) => {
  t.equal(standstillMs(rows, AT + 10_000), null, 'three epochs, but no ten seconds');
  t.equal(standstillMs(rows, AT + 10_001), 10_001);
  t.equal(standstillMs({ ...rows, epochMs: 30_000 }, AT + 90_000), null);
  t.equal(standstillMs({ ...rows, epochMs: 30_000 }, AT + 90_001), 90_001);
  t.equal(standstillMs({ ...rows, cutAt: null }, AT), null, 'not known');
  t.equal(standstillMs(rows, AT - 60_000), null, 'a clock that was set back');
  t.end();
});

t.test('it says who is missing, where that is known', (t) => {
  const text = (...keys: string[]) => standstillText(rows, new Set(keys), AT + 45_000);
  t.equal(text(A), 'no cut for 45 s: of 3 witnesses 2 are not connected (bbbbbbbb, cccccccc)');
  t.match(text(A, C), /: of 3 witnesses 1 is not connected \(bbbbbbbb\)$/);
  t.equal(text(A, B, C), 'no cut for 45 s, though all 3 witnesses are connected');
  t.equal(standstillText(rows, null, AT + 45_000), 'no cut for 45 s');
  t.equal(standstillText(rows, new Set(), AT + 5000), null);
  const many = Array.from({ length: 9 }, (_, i) => ({ key: `${i}`.repeat(64), weight: 1 }));
  const crowd = { ...rows, electorate: { ...rows.electorate, seats: many } };
  t.match(
    standstillText(crowd, new Set(), AT + 45_000),
    /9 are not connected \([^,]*(,[^,]*){3}, …\)$/,
  );
  t.end();
});
