import { createPublicKey, verify as nodeVerify } from 'node:crypto';
import fc from 'fast-check';
import nacl from 'tweetnacl';
import t from 'tap';
import { taggedHash, toHex } from '../../feeds/base/mod.ts';
import {
  ackMessage,
  type ArtifactRecord,
  chunkLeaf,
  COMMIT,
  commitBytes,
  commitStops,
  commitTokens,
  decodeRecord,
  digestMessage,
  digestOf,
  encodeRecord,
  type IdentityRecord,
  importSigner,
  jobId,
  type JobRecord,
  keyHash,
  RunningDigest,
  seedOf,
  signingBody,
  signingBodyOf,
  signRecord,
  verifyEd25519,
  verifyRecordSignature,
} from '../../feeds/records/mod.ts';
import * as any from './arbitrary.ts';

const warnings: Error[] = [];
process.on('warning', (warning) => warnings.push(warning));

const fill = (byte: number) => new Uint8Array(32).fill(byte);
const of = { jobKey: fill(1), job: fill(2), attempt: 3 };
const range = (length: number) => Array.from({ length }, (_, i) => i);

// Values from an independent implementation (Python's hashlib).
t.test('commitments do not change between versions', (t) => {
  const golden = {
    tokens: toHex(commitTokens(fill(1), COMMIT.prompt, [1, 2, 49152])),
    prefix: toHex(commitTokens(fill(1), COMMIT.prefix(1), [])),
    stops: toHex(commitStops(fill(1), ['\n\n', 'é'])),
    keyHash: toHex(keyHash(fill(1))),
    seed: toHex(seedOf(fill(1), fill(2), fill(3))),
    job: toHex(jobId(fill(1), fill(2), fill(3), fill(4))),
    digest: toHex(digestOf(of, range(40), range(40).map((i) => 7 * i % 256))),
    digestMessage: toHex(digestMessage(fill(1), 40, fill(3))),
    ack: toHex(ackMessage(fill(1), 2, 40)),
  };
  t.same(golden, {
    tokens: '708c634aebb68f8872b29eeeaedc2e86d516bb07c546f5b6674c09f725c5b163',
    prefix: '1708267c1759b7f43345c031bbc7fbbdb1e1f7ec54543e57ca40246b540e1fd2',
    stops: 'acf83709ec781b87b09a043616a56e5d67693271f046de539a9e50c00929169b',
    keyHash: '4d97dac7a04445413667829611643d7e3d6c4aa1f7942a67b0c7e4ecf83b3d51',
    seed: 'b21b27d0d97d220eca012f870ebcb3e6c39db9ae09ae98eb76dfb311edee5c4b',
    job: '989b945a0dce2ce295c64005c43a6fb91a3252166c1721bbf47dad6ddb6ddb4f',
    digest: '57627940e1149851c86bb394ff30eb9c517e0f61bbd985f3d47830be3fb26238',
    digestMessage: '462cacdd219e3b01ab4f643111f8b0ab83208821eb6f052283a15eb836b8e047',
    ack: '64d82e06c86513a47800cfcde86c3fb739d27e9fa65cedb81248c49f8ba5e9c3',
  });
  t.end();
});

t.test('a commitment depends on key, label and every value', (t) => {
  const seen = new Set([
    toHex(commitTokens(fill(1), 'prompt', [1, 2])),
    toHex(commitTokens(fill(2), 'prompt', [1, 2])),
    toHex(commitTokens(fill(1), 'nonce', [1, 2])),
    toHex(commitTokens(fill(1), 'prompt', [2, 1])),
    toHex(commitTokens(fill(1), 'prompt', [1])),
    toHex(commitTokens(fill(1), 'prompt', [])),
    toHex(commitTokens(fill(1), COMMIT.prefix(0), [1])),
    toHex(commitTokens(fill(1), COMMIT.prefix(1), [1])),
    toHex(commitBytes(fill(1), 'prompt', fill(0))),
    toHex(commitStops(fill(1), [])),
    toHex(commitStops(fill(1), [''])),
    toHex(commitStops(fill(1), ['ab'])),
    toHex(commitStops(fill(1), ['a', 'b'])),
  ]);
  t.equal(seen.size, 13);
  t.same(commitTokens(fill(1), 'x', Uint32Array.of(1, 2)), commitTokens(fill(1), 'x', [1, 2]));
  t.end();
});

/** RFC 6962's recursion, as a reference for the incremental tree. */
function rootOf(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0]!;
  let left = 1;
  while (2 * left < leaves.length) left *= 2;
  const halves = [rootOf(leaves.slice(0, left)), rootOf(leaves.slice(left))];
  return taggedHash('nexus/chunk-node/1', ...halves);
}

t.test('a running digest is the root over the chunks so far, whenever it is asked', (t) => {
  const pairs = fc.array(fc.tuple(fc.nat({ max: 0xffff_ffff }), fc.nat({ max: 255 })), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(pairs, fc.array(fc.boolean()), (list, asked) => {
      const running = new RunningDigest(of);
      const leaves: Uint8Array[] = [];
      for (let i = 0; i < Math.max(1, list.length); i += 16) {
        const chunk = list.slice(i, i + 16);
        leaves.push(chunkLeaf(of, i / 16, chunk.map(([id]) => id), chunk.map(([, b]) => b)));
      }
      let due = 0;
      list.forEach(([id, byte], i) => {
        if (running.push(id, byte)) due++;
        if (asked[i]) running.digest();
      });
      const root = toHex(rootOf(leaves));
      const whole = digestOf(of, list.map(([id]) => id), list.map(([, byte]) => byte));
      return running.tokens === list.length && due === Math.floor(list.length / 16) &&
        toHex(running.digest()) === root && toHex(whole) === root;
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('a digest depends on key, job, attempt, every id and every byte', (t) => {
  const ids = range(40), bytes = range(40);
  const seen = new Set([
    digestOf(of, ids, bytes),
    digestOf({ ...of, jobKey: fill(9) }, ids, bytes),
    digestOf({ ...of, job: fill(9) }, ids, bytes),
    digestOf({ ...of, attempt: 4 }, ids, bytes),
    digestOf(of, ids.slice(1), bytes.slice(1)),
    digestOf(of, ids.with(17, 9), bytes),
    digestOf(of, ids, bytes.with(17, 9)),
    digestOf(of, [], []),
    digestOf({ ...of, attempt: 4 }, [], []),
  ].map(toHex));
  t.equal(seen.size, 9);
  t.end();
});

t.test('signers agree with other implementations of Ed25519', async (t) => {
  const seed = fill(9);
  const signer = await importSigner(seed);
  const pair = nacl.sign.keyPair.fromSeed(seed);
  const message = new TextEncoder().encode('hello');
  t.same(signer.publicKey, pair.publicKey);
  t.same(await signer.sign(message), nacl.sign.detached(message, pair.secretKey));
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), signer.publicKey]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  t.ok(nodeVerify(null, message, key, await signer.sign(message)));
  await t.rejects(importSigner(new Uint8Array(31)), { code: 'KEY_BAD_SEED' });
});

t.test('malformed keys and signatures are false, never an error', async (t) => {
  const signer = await importSigner(fill(9));
  const message = fill(1);
  const good = await signer.sign(message);
  t.equal(await verifyEd25519(signer.publicKey, message, good), true);
  t.equal(await verifyEd25519(signer.publicKey, fill(2), good), false);
  t.equal(await verifyEd25519(fill(0xff), message, good), false);
  t.equal(await verifyEd25519(new Uint8Array(31), message, good), false);
  t.equal(await verifyEd25519(signer.publicKey, message, good.subarray(1)), false);
  t.equal(await verifyEd25519(signer.publicKey, message, new Uint8Array(64)), false);
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 33 }),
      fc.uint8Array({ maxLength: 65 }),
      async (key, signature) => !(await verifyEd25519(key, message, signature)),
    ),
  );
  // More keys than are kept: the first one is imported again and still verifies.
  for (let i = 0; i < 1100; i++) {
    const key = fill(0);
    new DataView(key.buffer).setUint32(0, i);
    await verifyEd25519(key, message, good);
  }
  t.equal(await verifyEd25519(signer.publicKey, message, good), true);
});

t.test('a record signature covers every byte before it, under its own domain', async (t) => {
  const signer = await importSigner(fill(9));
  const key = signer.publicKey;
  const [identity] = fc.sample(any.identity, { seed: 4, numRuns: 1 });
  const [job] = fc.sample(any.job, { seed: 4, numRuns: 1 });
  const [artifact] = fc.sample(any.artifact, { seed: 4, numRuns: 1 });
  const signed = [
    await signRecord<IdentityRecord>({ ...identity!, publicKey: key }, signer.sign),
    await signRecord<JobRecord>({ ...job!, requester: key }, signer.sign),
    await signRecord<ArtifactRecord>({ ...artifact!, executor: key }, signer.sign),
  ];
  for (const record of signed) {
    const bytes = encodeRecord(record);
    t.ok(await verifyRecordSignature(record, verifyEd25519), record.type);
    t.same(signingBodyOf(bytes), signingBody(record));
    t.notSame(signingBodyOf(bytes), bytes.subarray(0, -64), 'domain tag');
    t.notOk(await verifyEd25519(key, bytes.subarray(0, -64), record.signature));
    for (let at = 2; at < bytes.length; at += 7) {
      const copy = bytes.slice();
      copy[at]! ^= 1;
      try {
        const other = decodeRecord(copy) as typeof record;
        if (await verifyRecordSignature(other, verifyEd25519)) t.fail(`byte ${at} is not covered`);
      } catch (error) {
        t.match((error as { code: string }).code, /^RECORD_/);
      }
    }
  }
});

t.test('signing and verifying print no warnings', (t) => {
  t.same(warnings.map(String), []);
  t.end();
});
