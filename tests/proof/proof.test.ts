import fc from 'fast-check';
import crypto from 'hypercore-crypto';
import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import { blake2b } from '../../feeds/proof/blake2b.ts';
import {
  type BlockProof,
  decodeBlockProof,
  encodeBlockProof,
  equivocation,
  type SignedHead,
  verifyBlock,
  verifyHead,
  verifyIdentity,
} from '../../feeds/proof/mod.ts';
import {
  encodeRecord,
  type IdentityRecord,
  importSigner,
  signRecord,
} from '../../feeds/records/mod.ts';
import { headOf, openStore, proofOf } from './cores.ts';

async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    return error instanceof NexusError ? error.code : `not coded: ${String(error)}`;
  }
  return 'none';
}

const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
};

t.test('blake2b agrees with libsodium at every length around the block size', (t) => {
  for (let n = 0; n < 400; n++) {
    const data = Buffer.from(Uint8Array.from({ length: n }, (_, i) => (i * 7 + n) & 255));
    const ours = blake2b(data.subarray(0, n >> 1), data.subarray(n >> 1));
    if (!crypto.hash(data).equals(ours)) t.fail(`differs at ${n} bytes`);
  }
  const abc = Buffer.from(blake2b(new TextEncoder().encode('abc'))).toString('hex');
  t.equal(abc, 'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319');
  t.end();
});

t.test('every block of real cores of many lengths is proven', async (t) => {
  const store = await openStore(t);
  const core = store.get({ name: 'log' });
  await core.ready();
  const values: Uint8Array[] = [];
  for (let length = 1; length <= 34; length++) {
    const value = Buffer.from('block ' + 'x'.repeat(length));
    values.push(value);
    await core.append(value);
    for (const index of new Set([0, length >> 1, length - 1])) {
      const proof = await proofOf(core, index);
      await verifyBlock(proof, values[index]!);
      const other = values[(index + 1) % length]!;
      const code = await codeOf(() => verifyBlock(proof, other));
      if (length > 1 && code !== 'PROOF_BAD_BLOCK') t.fail(`${code} for ${index} of ${length}`);
    }
  }
  const head = await headOf(core);
  const manifestKey = core.manifest.signers[0].publicKey;
  t.same(Buffer.from((await verifyHead(head)).writer), manifestKey);
  const proof = await proofOf(core, 5);
  for (const index of [-1, 4, 6, 34, 1e9, 0.5, NaN]) {
    const moved = { ...proof, index };
    t.equal(await codeOf(() => verifyBlock(moved, values[5]!)), 'PROOF_BAD_BLOCK', `${index}`);
  }
});

t.test('every flipped bit of a proof, its head and its block is refused', async (t) => {
  const store = await openStore(t);
  const core = store.get({ name: 'log' });
  await core.append(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((s) => Buffer.from(s.repeat(5))));
  const good = await proofOf(core, 2);
  const value = Buffer.from('ccccc');
  await verifyBlock(good, value);

  const fields = ['key', 'treeHash', 'signature', 'manifest'] as const;
  const codes = new Map<string, Set<string>>();
  const note = (what: string, code: string) => {
    codes.set(what, (codes.get(what) ?? new Set()).add(code));
  };
  for (const field of fields) {
    for (let bit = 0; bit < 8 * good.head[field].length; bit++) {
      const head = { ...good.head, [field]: flip(good.head[field], bit) };
      note(field, await codeOf(() => verifyHead(head)));
    }
  }
  for (
    const [what, head] of [
      ['length', { ...good.head, length: 6 }],
      ['length', { ...good.head, length: 0 }],
      ['fork', { ...good.head, fork: 1 }],
    ] as const
  ) note(what, await codeOf(() => verifyHead(head)));
  for (let bit = 0; bit < 8 * good.proof.length; bit++) {
    const proof: BlockProof = { ...good, proof: flip(good.proof, bit) };
    note('proof', await codeOf(() => verifyBlock(proof, value)));
  }
  for (let bit = 0; bit < 8 * value.length; bit++) {
    note('value', await codeOf(() => verifyBlock(good, flip(value, bit))));
  }
  t.same(Object.fromEntries([...codes].map(([what, set]) => [what, [...set].sort()])), {
    key: ['PROOF_BAD_MANIFEST'],
    treeHash: ['PROOF_BAD_SIGNATURE'],
    signature: ['PROOF_BAD_SIGNATURE'],
    manifest: ['PROOF_BAD_MANIFEST'],
    length: ['PROOF_BAD_HEAD', 'PROOF_BAD_SIGNATURE'],
    fork: ['PROOF_BAD_SIGNATURE'],
    proof: ['PROOF_BAD_BLOCK', 'PROOF_BAD_ENCODING'],
    value: ['PROOF_BAD_BLOCK'],
  });
});

t.test('arbitrary bytes are no proof, and say so with a code', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        decodeBlockProof(bytes);
      } catch (error) {
        return error instanceof NexusError && error.code === 'PROOF_BAD_ENCODING';
      }
      return true;
    }),
    { numRuns: 2000 },
  );
  const none = { fork: 0, block: null, upgrade: null };
  t.throws(() => encodeBlockProof(none), { code: 'PROOF_INCOMPLETE' });
  const lacking = {
    fork: 0,
    block: { index: 1, nodes: [] },
    upgrade: { start: 0, length: 4, nodes: [] },
  };
  t.throws(() => encodeBlockProof(lacking), { code: 'PROOF_INCOMPLETE' });
  t.end();
});

t.test('two signed heads of one length with different content are equivocation', async (t) => {
  const primaryKey = Buffer.alloc(32, 5);
  const keyPair = crypto.keyPair(primaryKey);
  const cores = [];
  for (let i = 0; i < 2; i++) {
    const store = await openStore(t);
    const core = store.get({ keyPair });
    await core.append(Buffer.from('same'));
    cores.push(core);
  }
  const before = await Promise.all(cores.map(headOf)) as [SignedHead, SignedHead];
  t.same(before[0].key, before[1].key);
  t.equal(await equivocation(...before), false, 'equal heads');
  await cores[0]!.append(Buffer.from('heads'));
  const ahead = await headOf(cores[0]);
  t.equal(await equivocation(ahead, before[1]), false, 'different lengths');
  await cores[1]!.append(Buffer.from('tails'));
  const other = await headOf(cores[1]);
  t.equal(await equivocation(ahead, other), true);
  const forged = { ...other, treeHash: flip(other.treeHash, 0) };
  t.equal(await codeOf(() => equivocation(ahead, forged)), 'PROOF_BAD_SIGNATURE');
});

t.test('a log is bound to its identity in both directions', async (t) => {
  const store = await openStore(t);
  const [jobs, stray] = [store.get({ name: 'jobs' }), store.get({ name: 'stray' })];
  await Promise.all([jobs.ready(), stray.ready()]);
  const signer = await importSigner(new Uint8Array(32).fill(9));
  const zero = new Uint8Array(32);
  const record = await signRecord<IdentityRecord>({
    type: 'identity',
    publicKey: signer.publicKey,
    jobs: Uint8Array.from(jobs.key),
    artifacts: zero,
    attestations: zero,
    box: zero,
    account: null,
  }, signer.sign);
  const block = encodeRecord(record);
  const bad = encodeRecord({ ...record, box: zero.slice().fill(1) });
  await jobs.append([block, block]);
  await stray.append(block);
  const found = await verifyIdentity(jobs.key, block, await proofOf(jobs, 0));
  t.equal(found.log, 'jobs');
  t.same(found.identity, record);

  const code = async (core: typeof jobs, index: number, value: Uint8Array) => {
    const proof = await proofOf(core, index);
    return codeOf(() => verifyIdentity(core.key, value, proof));
  };
  t.equal(await code(stray, 0, block), 'PROOF_BAD_IDENTITY', 'a core that it does not name');
  t.equal(await code(jobs, 1, block), 'PROOF_BAD_IDENTITY', 'not the first block');
  t.equal(await code(jobs, 0, bad), 'PROOF_BAD_BLOCK', 'another value');

  const forged = store.get({ name: 'forged' });
  await forged.ready();
  const named = encodeRecord({ ...record, artifacts: Uint8Array.from(forged.key) });
  await forged.append(named);
  t.equal(await code(forged, 0, named), 'PROOF_BAD_IDENTITY', 'the signature is of other fields');
  const garbage = store.get({ name: 'garbage' });
  await garbage.append(Buffer.from('hello'));
  t.equal(await code(garbage, 0, Buffer.from('hello')), 'PROOF_BAD_IDENTITY', 'no entry at all');
});
