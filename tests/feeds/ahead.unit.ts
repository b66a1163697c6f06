import t from 'tap';
import type { SignedHead } from '../../feeds/proof/mod.ts';
import { Ahead } from '../../feeds/service/ahead.ts';

const head = (length: number, tree = 1, core = 1): SignedHead => ({
  key: new Uint8Array(32).fill(core),
  length,
  fork: 0,
  treeHash: new Uint8Array(32).fill(tree),
  signature: new Uint8Array(68),
  manifest: new Uint8Array(70),
});
const key = head(1).key;

t.test('heads wait until their core has grown to them', (t) => {
  const ahead = new Ahead();
  for (const length of [9, 7, 12]) t.equal(ahead.keep(head(length)), null);
  t.equal(ahead.keep(head(8, 1, 2)), null);
  t.same(ahead.reached(key, 6), []);
  t.same(ahead.reached(key, 9).map(({ length }) => length), [7, 9]);
  t.same(ahead.reached(key, 9), [], 'each once');
  t.same(ahead.reached(key, 100).map(({ length }) => length), [12]);
  t.same(ahead.reached(head(1, 1, 2).key, 8).map(({ length }) => length), [8]);
  t.end();
});

t.test('two heads of one length that differ are evidence before it has grown', (t) => {
  const ahead = new Ahead();
  t.equal(ahead.keep(head(9, 1)), null);
  t.equal(ahead.keep(head(9, 1)), null, 'the same again');
  t.equal(ahead.keep(head(9, 2, 2)), null, 'of another core');
  t.match(ahead.keep(head(9, 2)), {
    proof: 'heads',
    first: { head: { length: 9 }, prefix: null },
    second: { head: { length: 9 }, prefix: null },
  });
  t.end();
});

t.test('a core that shows many heads takes no more room', (t) => {
  const ahead = new Ahead();
  for (let length = 1000; length > 10; length--) ahead.keep(head(length));
  t.same(ahead.reached(key, 2000).map(({ length }) => length), [11, 12, 13, 14]);
  t.end();
});
