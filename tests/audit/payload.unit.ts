import fc from 'fast-check';
import t from 'tap';
import {
  decodePayload,
  encodePayload,
  MAX_PAYLOAD_BYTES,
  type Payload,
} from '../../node/audit/mod.ts';

const VOCABULARY = 2 ** 21;
const ids = fc.array(fc.nat(VOCABULARY - 1), { maxLength: 60 });
const payload = fc.record({ prompt: ids, prefix: ids, output: ids }).chain((lists) =>
  fc.uint8Array({ minLength: lists.output.length, maxLength: lists.output.length })
    .map((bytes) => ({ ...lists, bytes }))
);

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const plain = (value: Payload) => JSON.stringify({ ...value, bytes: hex(value.bytes) });

t.test('a payload comes back as it was, in at most four bytes a token', (t) => {
  fc.assert(fc.property(payload, (value) => {
    const encoded = encodePayload(value);
    t.equal(plain(decodePayload(encoded, VOCABULARY)), plain(value));
    const tokens = value.prompt.length + value.prefix.length + value.output.length;
    t.ok(encoded.length <= 4 + 3 * tokens + value.output.length);
  }));
  t.end();
});

t.test('a published payload', (t) => {
  const value = { prompt: [1, 300], prefix: [], output: [2047, 2], bytes: Uint8Array.of(7, 255) };
  const encoded = encodePayload(value);
  t.equal(hex(encoded), '0102000201ac02ff0f0207ff');
  t.end();
});

t.test('no bytes do harm: they decode to what encodes to them, or fail with a code', (t) => {
  const codes = /^PAYLOAD_(BAD|TRUNCATED|TRAILING|TOO_LARGE|UNKNOWN_VERSION)$/;
  const check = (bytes: Uint8Array) => {
    try {
      const value = decodePayload(bytes, 5000);
      t.equal(hex(encodePayload(value)), hex(bytes), 'one value has one encoding');
    } catch (thrown) {
      t.match((thrown as { code: string }).code, codes);
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), check));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (rest) => check(Uint8Array.of(1, ...rest))),
  );
  fc.assert(fc.property(payload, fc.nat(), fc.nat(255), (value, at, byte) => {
    const encoded = encodePayload(value);
    encoded[at % encoded.length] = byte;
    check(encoded);
  }));
  t.end();
});

t.test('what cannot be is refused before it costs memory', (t) => {
  const refused = (bytes: Uint8Array | number[], code: string) =>
    t.throws(() => decodePayload(Uint8Array.from(bytes), 100), { code });
  refused([], 'PAYLOAD_TRUNCATED');
  refused([2, 0, 0, 0], 'PAYLOAD_UNKNOWN_VERSION');
  refused([1, 255, 255, 255, 255, 15, 0, 0], 'PAYLOAD_TOO_LARGE');
  refused([1, 255, 255, 255, 255, 255, 1], 'PAYLOAD_BAD');
  refused([1, 0xff, 0xff, 0x3f, 0, 0], 'PAYLOAD_TRUNCATED');
  refused([1, 1, 0, 0, 100], 'PAYLOAD_BAD');
  refused([1, 0x80, 0, 0, 0], 'PAYLOAD_BAD');
  refused([1, 0, 0, 0, 0], 'PAYLOAD_TRAILING');
  refused(new Uint8Array(MAX_PAYLOAD_BYTES + 1).fill(1), 'PAYLOAD_TOO_LARGE');
  const bytes = new Uint8Array(1);
  t.throws(() => encodePayload({ prompt: [], prefix: [], output: [], bytes }), {
    code: 'PAYLOAD_BAD',
  });
  t.throws(
    () => encodePayload({ prompt: [1.5], prefix: [], output: [], bytes: new Uint8Array() }),
    {
      code: 'PAYLOAD_BAD',
    },
  );
  t.end();
});
