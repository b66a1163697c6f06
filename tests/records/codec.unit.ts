import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import {
  cleanText,
  decodeProfile,
  decodeRecord,
  encodeProfile,
  encodeRecord,
  LIMITS,
  type LogRecord,
  profileFromJson,
  profileId,
  profileToJson,
  recordHash,
} from '../../feeds/records/mod.ts';
import * as any from './arbitrary.ts';

const CODES = new Set([
  'RECORD_TRUNCATED',
  'RECORD_UNKNOWN_VERSION',
  'RECORD_UNKNOWN_KIND',
  'RECORD_BAD_FIELD',
  'RECORD_TRAILING',
  'RECORD_TOO_LARGE',
]);

/** One example of each kind, the same in every run. */
const samples: LogRecord[] = [
  any.identity,
  any.job,
  any.settle,
  any.capability,
  any.artifact,
  any.claim,
  any.figures,
  any.fingerprint,
  any.proof,
].map((arbitrary) => fc.sample(arbitrary as fc.Arbitrary<LogRecord>, { seed: 7, numRuns: 1 })[0]!);

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof NexusError ? error.code : `not coded: ${String(error)}`;
  }
  return 'none';
}

t.test('every record comes back as it was', (t) => {
  fc.assert(
    fc.property(any.record, (value) => {
      deepStrictEqual(decodeRecord(encodeRecord(value)), value);
    }),
    { numRuns: 300 },
  );
  t.pass('in 300 cases');
  t.end();
});

t.test('decoding a Buffer yields plain byte arrays', (t) => {
  const back = decodeRecord(Buffer.from(encodeRecord(samples[0]!)));
  t.equal(back.type === 'identity' && back.publicKey.constructor, Uint8Array);
  t.end();
});

t.test('arbitrary bytes decode or are refused with a code, and are canonical', (t) => {
  const prefix = fc.constantFrom([], [1], [1, 1], [1, 2], [1, 3], [1, 4], [1, 5], [1, 6], [1, 23], [
    1,
    24,
  ]);
  const input = fc.tuple(prefix, fc.uint8Array({ maxLength: 900 })).map(([head, tail]) =>
    Uint8Array.from([...head, ...tail])
  );
  fc.assert(
    fc.property(input, (bytes) => {
      let value;
      try {
        value = decodeRecord(bytes);
      } catch (error) {
        return error instanceof NexusError && CODES.has(error.code) && error.hint !== undefined;
      }
      return Buffer.compare(encodeRecord(value), bytes) === 0;
    }),
    { numRuns: 5000 },
  );
  t.pass('in 5000 cases');
  t.end();
});

t.test('a mutated record decodes to something canonical or is refused with a code', (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.nat(), fc.nat({ max: 255 }), (value, at, byte) => {
      const bytes = encodeRecord(value);
      bytes[at % bytes.length] = byte;
      let back;
      try {
        back = decodeRecord(bytes);
      } catch (error) {
        return error instanceof NexusError && CODES.has(error.code);
      }
      return Buffer.compare(encodeRecord(back), bytes) === 0;
    }),
    { numRuns: 5000 },
  );
  t.pass('in 5000 cases');
  t.end();
});

t.test('every truncation and every extension is refused', (t) => {
  for (const value of samples) {
    const bytes = encodeRecord(value);
    const codes = new Set<string>();
    for (let n = 0; n < bytes.length; n++) {
      codes.add(codeOf(() => decodeRecord(bytes.subarray(0, n))));
    }
    t.same([...codes], ['RECORD_TRUNCATED'], value.type);
    t.equal(codeOf(() => decodeRecord(Uint8Array.from([...bytes, 0]))), 'RECORD_TRAILING');
  }
  t.end();
});

t.test('versions, kinds and sizes that are not known are refused', (t) => {
  const bytes = encodeRecord(samples[1]!);
  const with_ = (at: number, byte: number) => {
    const copy = bytes.slice();
    copy[at] = byte;
    return codeOf(() => decodeRecord(copy));
  };
  t.equal(with_(0, 2), 'RECORD_UNKNOWN_VERSION');
  t.equal(with_(1, 0), 'RECORD_UNKNOWN_KIND');
  t.equal(with_(1, 200), 'RECORD_UNKNOWN_KIND');
  t.equal(codeOf(() => decodeRecord(new Uint8Array(LIMITS.recordBytes + 1))), 'RECORD_TOO_LARGE');
  t.equal(codeOf(() => encodeRecord({ type: 'beacon' } as never)), 'RECORD_UNKNOWN_KIND');
  t.equal(codeOf(() => encodeRecord(null as never)), 'RECORD_UNKNOWN_KIND');
  t.end();
});

t.test('a number in a longer form than needed is refused', (t) => {
  const claim = fc.sample(any.claim, { seed: 1, numRuns: 1 })[0]!;
  const bytes = encodeRecord({ ...claim, attempt: 5 });
  const long = Uint8Array.from([...bytes.subarray(0, 34), 0xfd, 5, 0, ...bytes.subarray(35)]);
  t.equal(bytes[34], 5, 'the attempt stands after two bytes and the job id');
  t.equal(codeOf(() => decodeRecord(long)), 'RECORD_BAD_FIELD');
  t.end();
});

t.test('values out of bounds are refused when encoding, with the field named', (t) => {
  const [job] = fc.sample(any.job, { seed: 2, numRuns: 1 });
  const [capability] = fc.sample(any.capability, { seed: 2, numRuns: 1 });
  const [print] = fc.sample(any.fingerprint, { seed: 2, numRuns: 1 });
  const level = (streams: number) => ({ streams, median: 1, mad: 0, low: 1, high: 1 });
  const head = { core: new Uint8Array(32), length: 1 };
  const offering = { profile: head.core, name: 'x', price: 1, class: head.core };
  const cases: [string, LogRecord][] = [
    ['attempt', { ...job!, attempt: -1 }],
    ['attempt', { ...job!, attempt: 1.5 }],
    ['attempt', { ...job!, attempt: LIMITS.attempts + 1 }],
    ['at', { ...job!, at: 2 ** 53 }],
    ['at', { ...job!, at: NaN }],
    ['job', { ...job!, job: new Uint8Array(31) }],
    ['executor', { ...job!, executor: undefined as never }],
    ['heads', { ...job!, heads: Array(LIMITS.heads + 1).fill(head) }],
    ['adapters', { ...job!, adapters: Array(LIMITS.adapters + 1).fill(head.core) }],
    ['layers', { ...job!, layers: { from: 3, to: 3 } }],
    ['sampling', { ...job!, sampling: { tq: 0, pq: LIMITS.pq + 1, maxTokens: 1 } }],
    ['sampling', { ...job!, sampling: null as never }],
    ['kind', { ...job!, kind: 'image' as never }],
    ['offerings', { ...capability!, offerings: Array(LIMITS.offerings + 1).fill(offering) }],
    ['offerings: name', { ...capability!, offerings: [{ ...offering, name: 'a\u0007b' }] }],
    ['hardware', { ...capability!, hardware: 'x'.repeat(LIMITS.hardware + 1) }],
    ['hardware', { ...capability!, hardware: 'e\u0301' }],
    ['hardware', { ...capability!, hardware: 'a\u202eb' }],
    ['hardware', { ...capability!, hardware: '\ud800' }],
    ['prefill', { ...print!, prefill: { median: 1, mad: 0, low: 2, high: 3 } }],
    ['decode', { ...print!, decode: { median: 4, mad: 0, low: 2, high: 3 } }],
    ['decode', { ...print!, decode: { median: -1, mad: 0, low: -1, high: 3 } }],
    ['decode', { ...print!, decode: { median: 2 ** 41, mad: 0, low: 0, high: 2 ** 42 } }],
    ['streams', { ...print!, streams: [level(2), level(1)] }],
    ['streams', { ...print!, streams: [level(2), level(2)] }],
    ['streams', { ...print!, streams: [level(0)] }],
    ['streams', { ...print!, streams: Array.from({ length: 9 }, (_, i) => level(i + 1)) }],
    ['features', { ...print!, features: Array(LIMITS.features + 1).fill(0) }],
    ['features', { ...print!, features: [0.5] }],
    ['jobs', { ...print!, jobs: Array(LIMITS.probeJobs + 1).fill(new Uint8Array(32)) }],
    ['raw', { ...print!, raw: { backend: 'tpu' as never, rate: 0, memory: 0 } }],
  ];
  for (const [field, value] of cases) {
    t.throws(() => encodeRecord(value), {
      code: 'RECORD_BAD_FIELD',
      message: new RegExp(`bad field: ${field}`),
    });
  }
  t.end();
});

t.test('texts that encoders would not write are refused when decoding', (t) => {
  const clean: LogRecord = {
    type: 'capability',
    offerings: [],
    slots: 1,
    maxTokens: 1,
    hardware: 'abc',
    at: 0,
  };
  const bytes = encodeRecord(clean);
  const at = bytes.indexOf(0x61);
  for (const bad of [[0x07, 0x62, 0x63], [0xff, 0xfe, 0x63], [0x65, 0xcc, 0x81]]) {
    const copy = bytes.slice();
    copy.set(bad, at);
    t.equal(codeOf(() => decodeRecord(copy)), 'RECORD_BAD_FIELD', String(bad));
  }
  t.end();
});

t.test('cleaned text always fits', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (dirty) => {
      const hardware = cleanText(dirty, 64);
      const value: LogRecord = {
        type: 'capability',
        offerings: [],
        slots: 1,
        maxTokens: 1,
        hardware,
        at: 0,
      };
      return new TextEncoder().encode(hardware).length <= 64 && encodeRecord(value).length > 0;
    }),
    { numRuns: 2000 },
  );
  t.equal(cleanText('a\u001b[2Jb\u0000c', 64), 'a[2Jbc');
  t.equal(cleanText('ééé', 5), 'éé', 'cut between characters');
  t.end();
});

t.test('the encoding and the hash of a record do not change', (t) => {
  const fixed: LogRecord = {
    type: 'claim',
    job: new Uint8Array(32).fill(1),
    attempt: 300,
    requester: new Uint8Array(32).fill(2),
    ack: { tokens: 70_000, signature: new Uint8Array(64).fill(3) },
    heads: [{ core: new Uint8Array(32).fill(4), length: 9 }],
    at: 1_700_000_000_000,
  };
  const bytes = encodeRecord(fixed);
  const expected = '0106' + '01'.repeat(32) + 'fd2c01' + '02'.repeat(32) + 'fe70110100' +
    '03'.repeat(64) + '01' + '04'.repeat(32) + '09' + 'ff0068e5cf8b010000';
  t.equal(Buffer.from(bytes).toString('hex'), expected);
  t.equal(
    Buffer.from(recordHash(bytes)).toString('hex'),
    'e546b8a2b0e762c7b4f05f5a2024e221208e3edd512dba28c72b763d9711dd60',
  );
  t.end();
});

t.test('profiles come back as they were, in bytes and in JSON', (t) => {
  fc.assert(
    fc.property(any.profile, (value) => {
      const json = JSON.parse(JSON.stringify(profileToJson(value)));
      deepStrictEqual(decodeProfile(encodeProfile(value)), value);
      deepStrictEqual(profileFromJson(json), value);
    }),
    { numRuns: 100 },
  );
  t.pass('in 100 cases');
  t.end();
});

t.test('the id of a profile covers every field', (t) => {
  const [a, b] = fc.sample(any.profile, { seed: 9, numRuns: 2 });
  const changed = Object.keys(a!).filter((name) => {
    const mixed = { ...a!, [name]: (b as never as Record<string, unknown>)[name] };
    return Buffer.compare(profileId(mixed), profileId(a!)) !== 0;
  });
  const differing = Object.keys(a!).filter((name) =>
    JSON.stringify(profileToJson(a!)[name]) !== JSON.stringify(profileToJson(b!)[name])
  );
  t.same(changed, differing);
  t.ok(differing.length >= 12, `${differing.length} fields differ between the examples`);
  t.end();
});

t.test('hostile profile JSON is refused with a code', (t) => {
  const [value] = fc.sample(any.profile, { seed: 3, numRuns: 1 });
  const json = profileToJson(value!);
  for (
    const bad of [
      null,
      [],
      'x',
      {},
      { ...json, extra: 1 },
      { ...json, file: 'ab' },
      { ...json, file: String(json.file).toUpperCase().replace(/[0-9]/g, 'A') },
      { ...json, topK: 0 },
      { ...json, topK: '32' },
      { ...json, version: 2 },
      { ...json, adapters: Array(17).fill(json.file) },
      { ...json, layers: { from: 2, to: 1 } },
    ]
  ) {
    const code = codeOf(() => profileFromJson(bad));
    t.match(code, /^(PROFILE_BAD_JSON|RECORD_BAD_FIELD|RECORD_UNKNOWN_VERSION)$/);
  }
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), (anything) => {
      return codeOf(() => profileFromJson(anything)) === 'PROFILE_BAD_JSON';
    }),
  );
  t.end();
});
