import t from 'tap';
import { OwnEntries, RootLog } from '../../node/auditor/mod.ts';

const [NETWORK, OTHER] = [1, 2].map((n) => new Uint8Array(32).fill(n)) as [Uint8Array, Uint8Array];
const root = (n: number) => new Uint8Array(32).fill(n);

t.test('each epoch’s root is logged once, also after a restart, and old ones not at all', (t) => {
  const roots = new RootLog(NETWORK), own = new OwnEntries();
  for (let epoch = 0; epoch < 3; epoch++) roots.folded(epoch, root(epoch));
  const due = roots.due(own.rooted(NETWORK));
  t.same(due.map(({ epoch }) => epoch), [0, 1, 2]);
  t.match(due[2], { type: 'ledgerRoot', network: NETWORK, root: root(2) });
  t.equal(roots.due(own.rooted(NETWORK)).length, 3, 'until they are written');
  roots.logged(due);
  t.same(roots.due(own.rooted(NETWORK)), []);

  // After a restart everything is folded once more; the log tells what was said.
  due.forEach((record, i) => own.take(record, i));
  t.equal(own.rooted(NETWORK), 2);
  t.equal(own.rooted(OTHER), -1, 'of another network nothing');
  const again = new RootLog(NETWORK);
  for (let epoch = 0; epoch < 200; epoch++) again.folded(epoch, root(epoch % 256));
  const late = again.due(own.rooted(NETWORK)).map(({ epoch }) => epoch);
  t.equal(late.length, 64);
  t.equal(late.at(-1), 199);
  again.folded(150, root(9));
  t.same(again.due(148).map(({ epoch }) => epoch), [149, 150], 'a fold that began anew replaces');
  t.end();
});

t.test('a root waits for what is built beside it, two epochs long and in order', (t) => {
  const roots = new RootLog(NETWORK);
  const due = () => roots.due(-1).map(({ epoch, accounts }) => [epoch, accounts?.[0] ?? null]);
  roots.folded(0, root(0), true);
  roots.folded(1, root(1), true);
  t.same(due(), []);
  roots.built(1, { accounts: root(7), receipts: null });
  t.same(due(), [], 'one after the other');
  roots.built(0, { accounts: root(6), receipts: root(5) });
  t.same(due(), [[0, 6], [1, 7]]);
  t.same(roots.due(-1)[0]!.receipts, root(5));
  roots.logged(roots.due(-1));
  roots.built(1, { accounts: root(9), receipts: null });
  for (const epoch of [2, 3]) roots.folded(epoch, root(epoch), true);
  t.same(due(), []);
  roots.folded(4, root(4), true);
  t.same(due(), [[2, null]], 'others wait for the byte root');
  t.end();
});
