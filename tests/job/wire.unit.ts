import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import { decodeMessage, encodeMessage, type JobMessage } from '../../node/job/mod.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const ids = (max = 40) => fc.array(fc.integer({ min: 0, max: 0x7fff_ffff }), { maxLength: max });
const blob = fc.uint8Array({ maxLength: 300 });
const count = fc.integer({ min: 0, max: 0xffff_ffff });
const said = {
  code: fc.constantFrom('FULL', 'A', 'BAD_ACK_2'),
  message: fc.constantFrom('', 'it is full', 'ümlaut'),
  hint: fc.constantFrom('', 'ask again'),
};
const stops = fc.array(fc.string({ maxLength: 20 }).map((s) => s.toWellFormed() + '\n'), {
  maxLength: 16,
});

const message: fc.Arbitrary<JobMessage> = fc.oneof(
  fc.record({
    type: fc.constant('offer' as const),
    job: blob,
    jobKey: bytes(32),
    nonce: bytes(32),
    stops,
  }),
  fc.record({ type: fc.constant('ids' as const), ids: ids() }),
  fc.record({ type: fc.constant('accept' as const), position: count, class: bytes(32) }),
  fc.record({ type: fc.constant('refuse' as const), ...said }),
  fc.record({
    type: fc.constant('tokens' as const),
    position: count,
    ids: ids(),
    bytes: fc.uint8Array({ maxLength: 40 }),
  }),
  fc.record({
    type: fc.constant('digest' as const),
    tokens: count,
    digest: bytes(32),
    signature: bytes(64),
  }),
  fc.record({ type: fc.constant('ack' as const), tokens: count, signature: bytes(64) }),
  fc.record({ type: fc.constantFrom('heartbeat' as const, 'cancel' as const) }),
  fc.record({ type: fc.constant('progress' as const), position: count }),
  fc.record({ type: fc.constant('summary' as const), artifact: blob }),
  fc.record({ type: fc.constant('settle' as const), record: blob }),
  fc.record({ type: fc.constant('error' as const), artifact: blob, ...said }),
);

const CODES = ['BAD_MESSAGE', 'UNKNOWN_MESSAGE'];

t.test('every message survives the way there', (t) => {
  fc.assert(
    fc.property(message, (m) => {
      t.same(decodeMessage(encodeMessage(m)), m);
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('arbitrary bytes give a message or a code, and never two encodings of one message', (t) => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.tuple(fc.integer({ min: 0, max: 14 }), fc.uint8Array({ maxLength: 200 })).map(([type, b]) =>
      new Uint8Array([type, ...b])
    ),
    fc.tuple(message, fc.nat(), fc.nat(255)).map(([m, at, value]) => {
      const b = encodeMessage(m);
      b[at % b.length] = value;
      return b;
    }),
    fc.tuple(message, fc.nat()).map(([m, at]) => {
      const b = encodeMessage(m);
      return b.subarray(0, at % b.length);
    }),
  );
  let decoded = 0;
  fc.assert(
    fc.property(hostile, (b) => {
      try {
        const m = decodeMessage(b);
        assert.deepEqual(encodeMessage(m), b);
        decoded++;
      } catch (thrown) {
        if (!(thrown instanceof NexusError) || !CODES.includes(thrown.code)) throw thrown;
      }
    }),
    { numRuns: 2000 },
  );
  t.ok(decoded > 20, 'some of them were whole messages');
  t.end();
});

t.test('sizes are bounded before anything is allocated', (t) => {
  const huge = new Uint8Array([4, 0, 0xfe, 0xff, 0xff, 0xff, 0xff]);
  t.throws(() => decodeMessage(huge), { code: 'BAD_MESSAGE' });
  t.throws(() => decodeMessage(new Uint8Array(64 * 1024 + 1)), { code: 'BAD_MESSAGE' });
  t.throws(() => decodeMessage(new Uint8Array([99])), { code: 'UNKNOWN_MESSAGE' });
  const none = new Uint8Array();
  const many = Array.from({ length: 1025 }, () => 1);
  t.throws(() => encodeMessage({ type: 'tokens', position: 0, ids: many, bytes: none }), {
    code: 'BAD_MESSAGE',
  });
  const shout = { type: 'refuse' as const, code: 'FULL', message: '\u001b[2J', hint: '' };
  t.throws(() => encodeMessage(shout), { code: 'BAD_MESSAGE' });
  t.throws(() => encodeMessage({ ...shout, message: '', code: 'no code' }), {
    code: 'BAD_MESSAGE',
  });
  t.end();
});
