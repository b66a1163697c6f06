import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import t from 'tap';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import {
  decodeOpening,
  encodeOpening,
  encodeRecord,
  LIMITS,
  publicsHash,
  publicsSalt,
} from '../../feeds/records/mod.ts';
import * as any from './arbitrary.ts';

const key = new Uint8Array(32).fill(1), subject = new Uint8Array(32).fill(2);
const opening = fc.record({
  salt: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  publics: fc.array(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), { maxLength: 80 }),
}, { noNullPrototype: true });

t.test('an opening of public inputs comes back as it was', (t) => {
  fc.assert(fc.property(opening, (value) => {
    deepStrictEqual(decodeOpening(encodeOpening(value)), value);
  }));
  t.pass('in 100 cases');
  t.end();
});

t.test('the hash of public inputs binds each of them, their order and the salt', (t) => {
  const salt = publicsSalt(key, subject), publics = [1n, 2n, 3n];
  const hash = toHex(publicsHash({ salt, publics }));
  t.not(toHex(publicsHash({ salt, publics: [1n, 3n, 2n] })), hash);
  t.not(toHex(publicsHash({ salt, publics: [1n, 2n, 3n, 0n] })), hash);
  t.not(toHex(publicsHash({ salt: publicsSalt(key, key), publics })), hash);
  t.not(toHex(publicsHash({ salt: publicsSalt(subject, subject), publics })), hash);
  t.end();
});

t.test('what is no opening is refused with a code', (t) => {
  const good = encodeOpening({ salt: key, publics: [1n] });
  const whole = new Uint8Array(LIMITS.contradictionBytes + 1);
  for (const bytes of [good.subarray(1), new Uint8Array(), whole, Uint8Array.of(...good, 0)]) {
    t.throws(() => decodeOpening(bytes), NexusError);
  }
  t.throws(() => encodeOpening({ salt: key, publics: [2n ** 256n] }), { code: 'RECORD_BAD_FIELD' });
  t.throws(() => publicsHash({ salt: key, publics: [-1n] }), { code: 'RECORD_BAD_FIELD' });
  t.end();
});

t.test('a proof entry has at most 512 bytes', (t) => {
  fc.assert(fc.property(any.proof, (record) => encodeRecord(record).length <= 512));
  t.pass('in 100 cases');
  t.end();
});
