import { readFile } from 'node:fs/promises';
import t from 'tap';
import {
  FIELD,
  foreignKey,
  KeyRing,
  prove,
  sampleInput,
  samplePublics,
  type StoredKey,
  verifyProof,
  verifyProofs,
} from '../../circuits/mod.ts';
import { loadSnarkjs, type MemoryFile } from '../../circuits/library.ts';
import { proofBytes } from '../../circuits/points.ts';
import { agreement } from './agreement.ts';
import { type Sampled, sampledFrom, statementFrom } from './positions.ts';
import { checkerOf } from './witness.ts';
import { sectionOf } from './zkeys.ts';

const never = new AbortController().signal;
const keyFile = (name: string) => readFile(new URL(`../../circuits/keys/${name}`, import.meta.url));
const fill = (byte: number) => new Uint8Array(32).fill(byte);

let sampled: Sampled, publics: bigint[], proof: Uint8Array, vkey: Record<string, unknown>;

t.before(async () => {
  sampled = await sampledFrom(11, { positions: 3, tq: 717 });
  publics = samplePublics(sampled.statement);
  const proven = await prove('sample', sampleInput(sampled.statement, sampled.hidden), never);
  t.same(proven.publics, publics, 'the verifier works the public inputs out for itself');
  proof = proven.proof;
  vkey = JSON.parse(String(await keyFile('sample.vkey.json')));
});

t.test('the circuit and the sampler agree in 200 random draws', async (t) => {
  await agreement(t, await checkerOf(await keyFile('sample.wasm')), 0, 200);
});

t.test('a proof holds', async (t) => {
  t.equal(proof.length, 256);
  await t.resolves(verifyProof('sample', publics, proof));
  await t.resolves(verifyProof('sample', publics, proof, vkey), 'with a key that is given');
});

t.test('it holds for nothing else: job, network, position, token, seed', async (t) => {
  const { claim, shown } = sampled;
  const other = shown[1]!.ids.find((id) => id !== shown[1]!.token)!;
  const lies: [string, Sampled['claim'], Sampled['shown']][] = [
    ['job', { ...claim, job: fill(1) }, shown],
    ['network', { ...claim, network: fill(1) }, shown],
    ['token', claim, shown.with(1, { ...shown[1]!, token: other })],
    ['position', claim, shown.with(1, { ...shown[1]!, position: shown[1]!.position + 1 })],
    ['fewer', claim, shown.slice(0, 2)],
    ['order', claim, shown.toReversed()],
  ];
  for (const [name, ...lie] of lies) {
    const wrong = samplePublics(statementFrom(...lie));
    await t.rejects(verifyProof('sample', wrong, proof), { code: 'PROOF_INVALID' }, name);
  }
  for (const seed of [fill(2), fill(3)]) {
    const check = () => {
      const wrong = samplePublics(statementFrom({ ...claim, seed }, shown));
      return verifyProof('sample', wrong, proof);
    };
    // With another seed a candidate may even lead by more than any logit makes good.
    await t.rejects(async () => await check(), { code: /PROOF_INVALID|PROOF_PUBLICS/ }, 'seed');
  }
});

t.test('public inputs that only look like those proven are refused', async (t) => {
  const code = { code: 'PROOF_PUBLICS' };
  for (const i of [0, 3, publics.length - 1]) {
    const alias = publics.with(i, publics[i]! + FIELD);
    await t.rejects(verifyProof('sample', alias, proof), code, `${i} modulo p`);
    await t.rejects(verifyProof('sample', publics.with(i, publics[i]! - FIELD), proof), code);
  }
  await t.rejects(verifyProof('sample', publics.slice(1), proof), code, 'one too few');
  await t.rejects(verifyProof('sample', [...publics, 0n], proof), code, 'one too many');
});

t.test('bytes that are no proof are refused', async (t) => {
  const code = { code: 'PROOF_MALFORMED' };
  const { curve } = await loadSnarkjs();
  const put = (at: number, ...values: bigint[]) => {
    const bytes = proof.slice();
    values.forEach((value, i) => {
      for (let j = 31, rest = value; j >= 0; j--, rest >>= 8n) {
        bytes[at + 32 * i + j] = Number(rest & 255n);
      }
    });
    return bytes;
  };
  const x = (at: number) =>
    proof.subarray(at, at + 32).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const lies: [string, Uint8Array][] = [
    ['empty', new Uint8Array()],
    ['truncated', proof.slice(0, 255)],
    ['too long', new Uint8Array(257)],
    ['A off the curve', put(0, 1n, 1n)],
    ['B off the curve', put(64, 1n, 1n, 1n, 1n)],
    ['C off the curve', put(192, 5n)],
    ['A at infinity', put(0, 0n, 0n)],
    ['B at infinity', put(64, 0n, 0n, 0n, 0n)],
    ['a coordinate plus q', put(0, x(0) + curve.q)],
    ['the field’s order', put(192, curve.q)],
    ['B outside the subgroup', put(64, ...await outsideSubgroup())],
  ];
  for (const [name, bytes] of lies) {
    await t.rejects(verifyProof('sample', publics, bytes), code, name);
  }
  t.same(
    await verifyProofs(lies.map(([, bytes]) => ({ statement: 'sample', publics, proof: bytes }))),
    lies.map(() => false),
  );
});

t.test('keys that are not what they should be are refused', async (t) => {
  const code = { code: 'KEY_CORRUPT' };
  const IC = vkey['IC'] as string[][];
  const lies: [string, object][] = [
    ['another curve', { ...vkey, curve: 'bls12381' }],
    ['another protocol', { ...vkey, protocol: 'plonk' }],
    ['a point less', { ...vkey, IC: IC.slice(1) }],
    ['a point off the curve', { ...vkey, IC: IC.with(1, ['1', '1', '1']) }],
    ['at infinity', { ...vkey, vk_alpha_1: ['0', '1', '0'] }],
    ['no number', { ...vkey, vk_alpha_1: ['x', '1', '1'] }],
    ['in one coordinate', { ...vkey, vk_delta_2: vkey['vk_alpha_1'] }],
    ['gamma outside the subgroup', { ...vkey, vk_gamma_2: await g2Json() }],
    ['nothing', {}],
  ];
  for (const [name, key] of lies) {
    await t.rejects(verifyProof('sample', publics, proof, key), code, name);
  }
  const other = { ...vkey, IC: IC.with(1, IC[2]!) };
  await t.rejects(verifyProof('sample', publics, proof, other), { code: 'PROOF_INVALID' });
  await t.rejects(verifyProof('inference' as 'sample', publics, proof), { code: 'KEY_UNKNOWN' });
});

t.test('many proofs at once: the wrong ones are found among the right ones', async (t) => {
  const good = { statement: 'sample' as const, publics, proof };
  const replayed = { ...good, publics: publics.with(0, publics[0]! + 1n) };
  const cut = { ...good, proof: proof.slice(1) };
  const aliased = { ...good, publics: publics.with(0, publics[0]! + FIELD) };
  const items = [good, replayed, good, { ...good, key: vkey }, cut, aliased, good];
  t.same(await verifyProofs(items), [true, false, true, true, false, false, true]);
  t.same(await verifyProofs([]), []);
  t.same(await verifyProofs([good, good]), [true, true]);
});

t.test('errors that cancel in a plain product do not in a batch', async (t) => {
  // Two wrong proofs whose C are off by a point and its negative.
  const { curve: { G1 } } = await loadSnarkjs();
  const number = (at: number) =>
    proof.subarray(at, at + 32).reduce((n, b) => n * 256n + BigInt(b), 0n);
  const c = G1.fromObject([number(192), number(224), 1n]);
  const by = G1.fromObject([1n, 2n, 1n]);
  const moved = (point: Uint8Array) => {
    const [cx, cy] = G1.toObject(G1.toAffine(point)) as [bigint, bigint];
    const bytes = proof.slice();
    const a = (at: number) => String(number(at));
    const moved = proofBytes({
      pi_a: [a(0), a(32)],
      pi_b: [[a(96), a(64)], [a(160), a(128)]],
      pi_c: [String(cx), String(cy)],
    });
    bytes.set(moved);
    return bytes;
  };
  const items = [moved(G1.add(c, by)), moved(G1.add(c, G1.neg(by)))];
  t.same(
    await verifyProofs(items.map((proof) => ({ statement: 'sample', publics, proof }))),
    [false, false],
  );
});

t.test('a proof from a witness that violates one constraint does not hold', async (t) => {
  const { snarkjs } = await loadSnarkjs();
  const witness: MemoryFile = { type: 'mem' };
  const input = sampleInput(sampled.statement, sampled.hidden);
  await snarkjs.wtns.calculate(input, await keyFile('sample.wasm'), witness);
  const bytes = witness.data!.slice();
  // The last signal is an inner one.
  bytes[bytes.length - 32]! ^= 1;
  const { proof, publicSignals } = await snarkjs.groth16.prove(await keyFile('sample.zkey'), bytes);
  t.same(publicSignals.map(BigInt), publics);
  await t.rejects(verifyProof('sample', publics, proofBytes(proof)), { code: 'PROOF_INVALID' });
});

t.test('a proving key whose points are damaged makes no proof that is handed out', async (t) => {
  const own = await new KeyRing().demand('sample');
  const zkey = new Uint8Array(await keyFile('sample.zkey'));
  // It is taken in all the same: its points are not looked at before it proves.
  const { at, bytes } = sectionOf(zkey, 8);
  for (let i = at; i < at + bytes; i += 64) zkey.copyWithin(i, at + 64, at + 128);
  t.equal((await foreignKey('sample', { zkey })).hash, own.hash);
  const damaged: StoredKey = {
    ...own,
    read: (kind) => kind === 'zkey' ? Promise.resolve(zkey) : own.read(kind),
  };
  const input = sampleInput(sampled.statement, sampled.hidden);
  await t.rejects(prove('sample', input, never, damaged), { code: 'KEY_CORRUPT' });
});

t.test('what does not hold cannot be proven; nor after it was called off', async (t) => {
  const { claim, shown, hidden } = sampled;
  const token = shown[0]!.ids.find((id) => id !== shown[0]!.token)!;
  const lie = statementFrom(claim, shown.with(0, { ...shown[0]!, token }));
  await t.rejects(prove('sample', sampleInput(lie, hidden), never), { code: 'PROOF_WITNESS' });
  await t.rejects(prove('sample', sampleInput(sampled.statement, hidden), AbortSignal.abort()));
});

/** A point of the second curve that is not in the subgroup: x imaginary, real, y imaginary, real. */
async function outsideSubgroup(): Promise<bigint[]> {
  const { curve } = await loadSnarkjs();
  // deno-lint-ignore no-explicit-any
  const { F, b } = curve.G2 as any;
  for (let x = 1n;; x++) {
    const e = F.fromObject([x, 0n]);
    const square = F.add(F.mul(F.square(e), e), b);
    if (!F.isSquare(square)) continue;
    const [y0, y1] = F.toObject(F.sqrt(square));
    return [0n, x, y1, y0];
  }
}

async function g2Json(): Promise<string[][]> {
  const [x1, x0, y1, y0] = (await outsideSubgroup()).map(String) as [
    string,
    string,
    string,
    string,
  ];
  return [[x0, x1], [y0, y1], ['1', '0']];
}
