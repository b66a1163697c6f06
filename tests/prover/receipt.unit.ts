import t from 'tap';
import { KeyRing } from '../../circuits/mod.ts';
import { fromHex } from '../../feeds/base/mod.ts';
import type { SampledClaim } from '../../feeds/proof/receipt-sampling.ts';
import type { ProofTerms, SamplingProof } from '../../feeds/sampling/mod.ts';
import { shownOf } from '../../node/payloads/shown.ts';
import { positionsOf, sampledCheck } from '../../node/prover/mod.ts';
import { answer, fill, logged, NETWORK, OF, OWN_KEY } from './made_up.ts';

const made = await answer();

/** What a receipt says of an answer whose proof is bytes that are none: all before that is to hold. */
function claimed(of: SamplingProof = made.proof): SampledClaim {
  const { root, seed, output, shown } = made;
  const { subject, beacon, draw, resumeAt, tq } = of;
  return {
    network: NETWORK,
    subject: fromHex(subject.id),
    beacon,
    draw: fromHex(draw),
    topkRoot: root,
    resumeAt,
    tokens: subject.tokens,
    tq,
    jobKey: OF.jobKey,
    seed,
    output,
    shown: shown.map((one) => ({ ...one, ids: [...one.ids], path: [...one.path] })),
    record: logged(made),
  };
}

/** How a claim is looked at by who knows so much of the network. */
const look = (change: Partial<SampledClaim>, terms: Pick<ProofTerms, 'keys'> | null = null) =>
  sampledCheck({
    keys: new KeyRing(),
    termsOf: () => Promise.resolve(terms === null ? null : { share: 0, withinCuts: 1, ...terms }),
  })({ ...claimed(), ...change });

t.test('a receipt’s proof is looked at last: all else holds then', async (t) => {
  await t.rejects(look({}), { code: 'PROOF_MALFORMED' });
  await t.rejects(look({}, { keys: { sample: OWN_KEY } }), { code: 'PROOF_MALFORMED' });
});

t.test('the proof of a receipt that says something else of the draw is refused', async (t) => {
  const { record, shown } = claimed();
  const draw = fill(61);
  const other = { ...made.proof, draw: '3d'.repeat(32) };
  const drawn = shownOf(made.topk, 0, positionsOf(other))!.map((one) => ({
    ...one,
    ids: [...one.ids],
    path: [...one.path],
  }));
  t.notSame(positionsOf(other), positionsOf(made.proof));
  const lies: [string, string, Partial<SampledClaim>][] = [
    ['another beacon', 'PROOF_ELSEWHERE', { beacon: 4 }],
    ['another draw', 'PROOF_SHOWN', { draw }],
    ['another draw, and what it shows', 'PROOF_ELSEWHERE', { draw, shown: drawn }],
    ['fewer positions', 'PROOF_SHOWN', { shown: shown.slice(1) }],
    ['another network', 'PROOF_ELSEWHERE', { network: fill(10) }],
    ['another artifact', 'PROOF_ELSEWHERE', { subject: fill(11) }],
    ['another temperature', 'PROOF_ELSEWHERE', { tq: 716 }],
    ['another job’s key', 'PROOF_ELSEWHERE', { jobKey: fill(12) }],
    ['other inputs', 'PROOF_ELSEWHERE', { record: { ...record, publics: fill(13) } }],
    ['another leaf', 'PROOF_ELSEWHERE', {
      shown: shown.with(1, { ...shown[1]!, leaf: shown[2]!.leaf }),
    }],
    ['another path', 'PROOF_LEAF', {
      shown: shown.with(1, { ...shown[1]!, path: shown[2]!.path }),
    }],
    ['another root', 'PROOF_LEAF', { topkRoot: fill(14) }],
    ['another key', 'KEY_UNKNOWN', { record: { ...record, key: fill(15) } }],
  ];
  for (const [name, code, lie] of lies) await t.rejects(look(lie), { code }, name);
});

t.test('the proof of another receipt is not this one’s', async (t) => {
  const target = {
    ...made.proof,
    subject: { ...made.proof.subject, id: '1f'.repeat(32) },
  };
  const record = { ...logged(made, { target }), subject: claimed().subject };
  await t.rejects(look({ record }), { code: 'PROOF_ELSEWHERE' });
});

t.test('a proof under another key than its network pins is refused', async (t) => {
  const keys = { sample: '0f'.repeat(32) };
  await t.rejects(look({}, { keys }), { code: 'KEY_OTHER' });
});
