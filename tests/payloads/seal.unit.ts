import fc from 'fast-check';
import t from 'tap';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import { openPayload, sealPayload, unsealPayload } from '../../node/payloads/mod.ts';
import { seal } from '../../node/payloads/seal.ts';

const fill = (byte: number) => new Uint8Array(32).fill(byte);
const of = { jobKey: fill(1), job: fill(2), attempt: 3 };
const disclosed = {
  nonce: fill(4),
  stops: ['\n\n', 'é'],
  payload: { prompt: [1, 2000], prefix: [3], output: [4, 5], bytes: Uint8Array.of(9, 200) },
};

t.test('a transcript comes back, for the key and the attempt that it was sealed with', (t) => {
  const sealed = sealPayload(disclosed, of);
  t.same(openPayload(sealed, of, 2001), disclosed);
  t.same(unsealPayload(sealed, of).nonce, disclosed.nonce);
  t.equal(toHex(sealPayload(disclosed, of)), toHex(sealed), 'both parties seal the same');
  for (const other of [{ jobKey: fill(9) }, { job: fill(9) }, { attempt: 4 }]) {
    t.throws(() => openPayload(sealed, { ...of, ...other }, 2001), { code: 'PAYLOAD_SEALED' });
  }
  t.throws(() => openPayload(sealed, of, 2000), { code: 'PAYLOAD_BAD' }, 'outside the vocabulary');
  t.end();
});

t.test('no two transcripts are encrypted with one nonce', (t) => {
  const nonce = (prompt: number[]) => {
    const payload = { ...disclosed.payload, prompt };
    return toHex(sealPayload({ ...disclosed, payload }, of).subarray(1, 25));
  };
  t.not(nonce([1]), nonce([2]));
  t.end();
});

t.test('whatever comes instead is refused with a code', (t) => {
  const sealed = sealPayload(disclosed, of);
  const code = (bytes: Uint8Array): string => {
    try {
      openPayload(bytes, of, 2001);
      return 'opened';
    } catch (thrown) {
      return thrown instanceof NexusError ? thrown.code : String(thrown);
    }
  };
  t.equal(code(new Uint8Array()), 'PAYLOAD_UNKNOWN_VERSION');
  t.equal(code(Uint8Array.of(2, ...sealed.subarray(1))), 'PAYLOAD_UNKNOWN_VERSION');
  for (const length of [1, 24, 25, 26, 40, sealed.length - 1]) {
    t.equal(code(sealed.subarray(0, length)), 'PAYLOAD_SEALED', `${length} bytes`);
  }
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const copy = sealed.slice();
      copy[1 + at % (copy.length - 1)]! ^= change;
      return code(copy) === 'PAYLOAD_SEALED';
    }),
    { numRuns: 100 },
  );
  // Sealed by who has the key, but no transcript.
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (value) => {
      return /^PAYLOAD_/.test(code(seal(value, of)));
    }),
    { numRuns: 200 },
  );
  t.end();
});
