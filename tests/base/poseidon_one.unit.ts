import fc from 'fast-check';
import t from 'tap';
import { FIELD_ORDER, poseidonOne, toHex } from '../../feeds/base/mod.ts';
import { keysOf, unsignedIdentity } from '../../feeds/service/keys.ts';
import { accountCommitment, accountSecret } from '../../feeds/wire/mod.ts';
import { loadPoseidon } from '../../node/poseidon/mod.ts';

const field = await loadPoseidon();
const bytes = (value: bigint) => field.toBytes(field.hash([value]));

t.test('it is the library’s hash', (t) => {
  const own = (value: bigint) => poseidonOne(value).toString(16).padStart(64, '0');
  for (const value of [0n, 1n, FIELD_ORDER - 1n]) t.equal(own(value), toHex(bytes(value)));
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: FIELD_ORDER - 1n }),
      (value) => own(value) === toHex(bytes(value)),
    ),
    { numRuns: 50 },
  );
  for (const value of [-1n, FIELD_ORDER]) t.throws(() => poseidonOne(value), RangeError);
  t.end();
});

t.test('a new identity’s record holds the hash of a secret that follows from its seed', (t) => {
  const seed = new Uint8Array(32).fill(7), core = new Uint8Array(32);
  const secret = accountSecret(seed);
  t.ok(secret < 2n ** 248n);
  t.not(secret, accountSecret(new Uint8Array(32).fill(8)));
  const cores = { jobs: core, artifacts: core, attestations: core };
  const { account } = unsignedIdentity(keysOf(seed), seed, cores);
  t.same(account, accountCommitment(secret));
  t.same(account, bytes(secret));
  t.end();
});
