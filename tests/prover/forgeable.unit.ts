import t from 'tap';
import { KeyRing } from '../../circuits/mod.ts';
import { proofRows } from '../../node/daemon/mod.ts';
import { tellProof } from '../../node/daemon/proof_told.ts';
import { isForgeable } from '../../node/prover/mod.ts';
import { answer, OWN_KEY } from './made_up.ts';

const terms = { share: 500, withinCuts: 8, keys: { sample: OWN_KEY } };

t.test('proofs are forgeable under keys of development, whoever vouches, and unknown ones', async (t) => {
  const vouched = { ...terms, ceremony: ['sample'] as const };
  const own = await new KeyRing().demand('sample');
  t.equal(isForgeable('sample', own, null), true);
  t.equal(isForgeable('sample', own, terms), true);
  t.equal(isForgeable('sample', own, vouched), true);
  t.equal(isForgeable('sample', null, vouched), true);
  const home = { ...own, insecure: false, place: 'home' as const };
  t.equal(isForgeable('sample', home, vouched), false, 'a ceremony’s');
  t.equal(isForgeable('sample', home, terms), true, 'nobody vouches for it');
  t.equal(isForgeable('sample', home, { ...vouched, keys: {} }), true, 'nor is it pinned');
});

t.test('what is told and shown of proofs says whether anybody can forge them', async (t) => {
  const { proof } = await answer();
  for (const insecure of [true, false]) {
    const [told] = tellProof({ type: 'made', proof }, 'me', true, insecure);
    t.match(told, { event: 'proof-logged', fields: { insecure } });
    const fold = { proofs: [proof], counts: new Map() };
    const rows = proofRows(fold, 'me', new Map(), 0, insecure, () => true);
    t.match(rows, { insecure, unchecked: 1 });
  }
});
