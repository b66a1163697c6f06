import t from 'tap';
import { AffinityBook } from '../../node/daemon/affinity.ts';

t.test('the longest prefix that an executor has seen counts, for its last conversations', (t) => {
  const book = new AffinityBook();
  const [a, b] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  t.equal(book.share(a, [1, 2]), 0);
  book.remember(a, [1, 2, 3, 4]);
  book.remember(a, [1, 9]);
  t.equal(book.share(a, [1, 2, 3, 7]), 0.75);
  t.equal(book.share(a, []), 0);
  t.equal(book.share(b, [1, 2, 3, 4]), 0);
  for (let i = 0; i < 8; i++) book.remember(a, [100 + i]);
  t.equal(book.share(a, [1, 2, 3, 4]), 0, 'old conversations are forgotten');
  t.end();
});
