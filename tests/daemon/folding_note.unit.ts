import t from 'tap';
import { foldingNote } from '../../node/daemon/folding_note.ts';

const keys = ['aa', 'bb', 'cc', 'dd', 'ee', 'ff'].map((pair) => pair.repeat(32));
const following = (unfound: string[]) => ({ current: null, unfound, view: { quorum: { keys } } });

t.test('who folds no cut says whose logs nobody has, after a while', (t) => {
  const lost = following(keys.slice(0, 1));
  t.equal(foldingNote(null, lost, 19_000), null);
  t.equal(
    foldingNote(null, lost, 21_000),
    'no cut is here: of 6 witnesses no peer has 1 log (aaaaaaaa)',
  );
  t.match(
    foldingNote(null, following(keys.slice(1)), 21_000),
    '5 logs (bbbbbbbb, cccccccc, dddddddd, eeeeeeee, …)',
  );
  t.match(foldingNote(null, following([]), 21_000), 'make none');
  t.equal(foldingNote(null, null, 21_000), null, 'one was folded');
  t.equal(
    foldingNote({ epoch: 3, cores: keys.slice(0, 2) }, null, 0),
    'cut 3: no peer has all entries of 2 logs (aaaaaaaa, bbbbbbbb)',
  );
  t.end();
});
