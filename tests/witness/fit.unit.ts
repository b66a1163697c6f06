import t from 'tap';
import fc from 'fast-check';
import { toHex } from '../../feeds/base/mod.ts';
import type { Covered } from '../../feeds/agreement/mod.ts';
import { areWithin, fitHeads, shareOf } from '../../node/witness/fit.ts';

const keyOf = (i: number) => new Uint8Array(32).fill(i);
const treeOf = (i: number, length: number) => Uint8Array.of(i, length >> 8, length);

/** Logs whose blocks have these sizes, each covered up to some length. */
function world(logs: readonly { sizes: readonly number[]; from: number }[]) {
  const covered = new Map<string, Covered>();
  logs.forEach(({ from }, i) => {
    if (from > 0) {
      covered.set(toHex(keyOf(i)), { length: from, treeHash: treeOf(i, from), epoch: 1 });
    }
  });
  const heads = logs.map(({ sizes }, i) => ({
    core: keyOf(i),
    length: sizes.length,
    treeHash: treeOf(i, sizes.length),
  }));
  const feeds = {
    prefixes: (spans: { core: Uint8Array; from: number; length: number }[]) =>
      Promise.resolve(spans.map(({ core, from, length }) => {
        const blocks = logs[core[0]!]!.sizes.slice(from, length);
        return {
          bytes: blocks.reduce((sum, size) => sum + size, 0),
          treeHash: treeOf(core[0]!, length),
        };
      })),
  };
  return { covered, heads, feeds };
}

t.test('what fits goes into a cut whole', async (t) => {
  const { covered, heads, feeds } = world([
    { sizes: new Array(5).fill(10), from: 2 },
    { sizes: new Array(7).fill(10), from: 0 },
  ]);
  const room = { blocks: 10, bytes: 100 };
  t.same(await fitHeads(feeds, heads, covered, room), heads);
  t.ok(await areWithin(feeds, heads, covered, room));
  t.notOk(await areWithin(feeds, heads, covered, { ...room, blocks: 9 }));
  t.notOk(await areWithin(feeds, heads, covered, { ...room, bytes: 99 }));
});

t.test('a flood comes in parts, and keeps nobody out', async (t) => {
  const { covered, heads, feeds } = world([
    { sizes: new Array(1000).fill(1), from: 0 },
    { sizes: new Array(20).fill(1), from: 10 },
    { sizes: new Array(100).fill(50), from: 0 },
  ]);
  const room = { blocks: 100, bytes: 500 };
  const fit = await fitHeads(feeds, heads, covered, room);
  t.same(fit.map(({ length }) => length), [45, 20, 4]);
  t.same(fit[0]!.treeHash, treeOf(0, 45), 'under the tree of that length');
  t.ok(await areWithin(feeds, fit, covered, room));
});

t.test('a log that this node does not know is not voted for', async (t) => {
  const { covered, heads } = world([{ sizes: [1], from: 0 }]);
  const feeds = { prefixes: () => Promise.resolve([null]) };
  t.notOk(await areWithin(feeds, heads, covered));
  t.same(await fitHeads(feeds, heads, covered), []);
});

t.test('shares are the same for all that want more, and never too much', (t) => {
  fc.assert(fc.property(
    fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 }),
    fc.integer({ min: 0, max: 5000 }),
    (wants, room) => {
      const share = shareOf(wants, room);
      const sum = wants.reduce((sum, want) => sum + Math.min(want, share), 0);
      if (share === Infinity) return sum <= room;
      // One more for each would not fit.
      const more = wants.reduce((sum, want) => sum + Math.min(want, share + 1), 0);
      return sum <= room && more > room;
    },
  ));
  t.end();
});
