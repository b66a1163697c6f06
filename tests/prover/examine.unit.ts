import t from 'tap';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import { decodeOpening, encodeOpening, publicsHash } from '../../feeds/records/mod.ts';
import {
  checkHere,
  demandKeys,
  examineProof,
  positionsOf,
  type ProverProcess as Prover,
  statementOf,
} from '../../node/prover/mod.ts';
import { unsealShown, verifyLeaf } from '../../node/payloads/mod.ts';
import { sealShown } from '../../node/payloads/shown.ts';
import { KeyRing, samplePublics } from '../../circuits/mod.ts';
import { answer, fill, logged, NETWORK, OF, OWN_KEY } from './made_up.ts';

const { signal } = new AbortController();
const made = await answer();
const entitled = { ...OF, ...made };
const says = (code: string | null) => ({
  check: () => code === null ? Promise.resolve() : Promise.reject(new NexusError(code, 'no')),
});

t.test('a proof of this very answer holds', async (t) => {
  const prover = says(null);
  t.same(await examineProof(NETWORK, made.proof, logged(made), entitled, prover, signal), {
    holds: true,
  });
});

t.test('one of another job, epoch or network is refused before anything is computed', async (t) => {
  const { proof } = made;
  const never = { check: () => Promise.reject(new Error('it was not to be asked')) };
  const elsewhere = [
    logged(made, { network: fill(10) }),
    logged(made, { target: { ...proof, beacon: 4 } }),
    {
      ...logged(made, { target: { ...proof, subject: { ...proof.subject, id: toHex(fill(11)) } } }),
    },
  ];
  for (const record of elsewhere) {
    const found = await examineProof(NETWORK, proof, record, entitled, never, signal);
    t.match(found, { holds: false, error: { code: 'PROOF_ELSEWHERE' }, accusation: null });
  }
  const other = { ...entitled, seed: fill(12) };
  const found = await examineProof(NETWORK, proof, logged(made), other, never, signal)
    .catch((thrown: unknown) => thrown);
  t.notMatch(found, { holds: true });
});

t.test('a proof of an answer with top-p is refused, and nobody is accused', async (t) => {
  const never = { check: () => Promise.reject(new Error('it was not to be asked')) };
  for (const pq of [65_535, 58_982]) {
    const proof = { ...made.proof, asked: false, due: null, pq };
    const found = await examineProof(NETWORK, proof, logged(made), entitled, never, signal);
    t.match(found, { holds: false, error: { code: 'PROOF_TOP_P' }, accusation: null });
  }
});

t.test('a wrong one gives what shows it to everybody: the entry and what its hash opens', async (t) => {
  const record = logged(made);
  for (const code of ['PROOF_INVALID', 'PROOF_MALFORMED', 'PROOF_PUBLICS']) {
    const found = await examineProof(NETWORK, made.proof, record, entitled, says(code), signal);
    if (found.holds || found.accusation === null) return t.fail('nothing shows it');
    t.equal(found.error.code, code);
    t.same(found.accusation.record, record);
    const opening = decodeOpening(encodeOpening(found.accusation.opening));
    t.same(publicsHash(opening), record.publics);
  }
});

t.test('what keeps this machine from checking says nothing of the proof', async (t) => {
  const run = (code: string) =>
    examineProof(NETWORK, made.proof, logged(made), entitled, says(code), signal);
  for (const code of ['PROVER_LOST', 'KEY_CORRUPT', 'KEY_UNKNOWN']) {
    await t.rejects(run(code), { code });
  }
  t.match(await run('PROOF_LEAF'), { holds: false, accusation: null });
});

t.test('under another key than this program has, nothing is checked and nobody accused', async (t) => {
  const record = { ...logged(made), key: fill(0) }, keys = new KeyRing();
  const here: Prover['check'] = (...asked) => checkHere(keys, ...asked);
  const found = examineProof(NETWORK, made.proof, record, entitled, { check: here }, signal);
  await t.rejects(found, { code: 'KEY_UNKNOWN' });
  await t.rejects(demandKeys(keys, { keys: { sample: toHex(fill(0)) } }), {
    code: 'KEY_UNKNOWN',
    hint: /nexus network keys/,
  });
  await demandKeys(keys, { keys: { sample: OWN_KEY, standing: toHex(fill(0)) } });
  await demandKeys(keys, { keys: {} });
  await demandKeys(keys, null);
});

t.test('what an executor shows is at the drawn positions, under its root, without logits', async (t) => {
  const { proof, shown, topk, root, seed, output } = made;
  const positions = positionsOf(proof);
  const sealed = sealShown(topk, 0, positions, OF)!;
  t.same(unsealShown(sealed, OF), shown);
  t.throws(() => unsealShown(sealed, { ...OF, jobKey: fill(2) }), { code: 'PAYLOAD_SEALED' });
  t.same(Object.keys(shown[0]!).sort(), ['ids', 'leaf', 'path', 'position']);
  const claim = { topkRoot: root, resumeAt: 0, tokens: proof.subject.tokens };
  for (const one of shown) t.ok(await verifyLeaf(one, claim));
  t.notOk(await verifyLeaf({ ...shown[0]!, position: shown[1]!.position }, claim));
  t.notOk(await verifyLeaf({ ...shown[0]!, leaf: shown[1]!.leaf }, claim));
  t.notOk(await verifyLeaf({ ...shown[0]!, leaf: fill(255) }, claim), 'not below the order');
  const early = shown.slice(1);
  t.throws(() => statementOf(NETWORK, proof, seed, early, output), { code: 'PROOF_SHOWN' });
  const turned = [...shown].reverse();
  t.throws(() => statementOf(NETWORK, proof, seed, turned, output), { code: 'PROOF_SHOWN' });
  const publics = samplePublics(statementOf(NETWORK, proof, seed, shown, output));
  const other = samplePublics(statementOf(NETWORK, { ...proof, beacon: 9 }, seed, shown, output));
  t.not(publics[0], other[0], 'the first public input is what it is bound to');
});
