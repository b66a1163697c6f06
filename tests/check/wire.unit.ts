import fc from 'fast-check';
import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import { type CheckMessage, decodeCheck, encodeCheck } from '../../node/check/mod.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const blob = fc.uint8Array({ maxLength: 300 });
const count = fc.integer({ min: 0, max: 0xffff_ffff });

const message: fc.Arbitrary<CheckMessage> = fc.oneof(
  fc.record({
    type: fc.constant('ask' as const),
    job: blob,
    artifact: blob,
    digest: fc.option(fc.record({ tokens: count, digest: bytes(32), signature: bytes(64) })),
    class: bytes(32),
    jobKey: bytes(32),
    nonce: bytes(32),
    payload: count,
  }),
  fc.record({ type: fc.constant('accept' as const), ahead: count }),
  fc.record({
    type: fc.constant('refuse' as const),
    code: fc.constantFrom('BUSY', 'NOT_SERVED'),
    message: fc.constantFrom('', 'it is full', 'ümlaut'),
    hint: fc.constantFrom('', 'ask another one'),
  }),
  fc.record({ type: fc.constant('part' as const), bytes: blob }),
  fc.record({ type: fc.constant('progress' as const), ahead: count, done: count, total: count }),
  fc.record({
    type: fc.constant('checked' as const),
    finding: fc.constantFrom('ok', 'trigger', 'fraud', 'inconclusive'),
    why: fc.option(fc.constantFrom('no-calibration', 'small-sample', 'open', 'empty')),
    positions: count,
    mismatches: count,
    class: bytes(32),
    exact: fc.boolean(),
    objections: fc.array(
      fc.record({
        kind: fc.constantFrom('exact', 'margin', 'b1', 'END_MISSING', 'LENGTH_EXCEEDED'),
        positions: fc.array(count, { maxLength: 16 }),
      }),
      { maxLength: 11 },
    ),
  }),
);

t.test('every message of a check survives the way there', (t) => {
  fc.assert(
    fc.property(message, (m) => {
      t.same(decodeCheck(encodeCheck(m)), m);
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('arbitrary bytes give a message or a code', (t) => {
  const mangled = fc.tuple(message, fc.nat(), fc.nat(255)).map(([m, at, byte]) => {
    const encoded = encodeCheck(m).slice();
    encoded[at % encoded.length] = byte;
    return encoded;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), mangled), (hostile) => {
      let decoded: CheckMessage;
      try {
        decoded = decodeCheck(hostile);
      } catch (thrown) {
        return thrown instanceof NexusError &&
          ['BAD_MESSAGE', 'UNKNOWN_MESSAGE'].includes(thrown.code);
      }
      return encodeCheck(decoded).join() === hostile.join();
    }),
    { numRuns: 2000 },
  );
  t.end();
});
