import fc from 'fast-check';
import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import { decodeValue, encodeValue, Fields } from '../../feeds/wire/mod.ts';

const bytes = fc.uint8Array({ maxLength: 200 });
const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null), bytes);
const value = fc.oneof(
  leaf,
  fc.array(leaf),
  fc.dictionary(fc.string().filter((key) => key !== '$' && key !== '__proto__'), fc.array(leaf)),
);

t.test('values come back as they went, bytes included', (t) => {
  fc.assert(fc.property(value, (value) => {
    t.strictSame(
      JSON.stringify(plain(decodeValue(encodeValue(value)))),
      JSON.stringify(plain(value)),
    );
  }));
  t.end();
});

t.test('arbitrary bytes are refused with a code, never with a crash', (t) => {
  const refused = (bytes: Uint8Array) => {
    try {
      decodeValue(bytes);
    } catch (error) {
      t.ok(error instanceof NexusError && error.code === 'BAD_MESSAGE');
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), refused));
  // Flips within a good message get past the length.
  fc.assert(fc.property(value, fc.nat(), fc.nat(255), (value, at, byte) => {
    const bytes = encodeValue(value);
    bytes[at % bytes.length] = byte;
    refused(bytes);
  }));
  t.end();
});

t.test('a field of another type, length or range is refused', (t) => {
  const fields = new Fields({
    n: 1.5,
    big: 2 ** 60,
    key: new Uint8Array(31),
    list: [1],
    text: 'x',
  });
  const calls = [
    () => fields.number('n'),
    () => fields.number('big'),
    () => fields.number('text'),
    () => fields.bytes('key', 32),
    () => fields.bytes('missing', 32),
    () => fields.list('list', 32, 4),
    () => fields.text('text', 0),
    () => fields.flag('constructor'),
    () => new Fields([]),
  ];
  for (const call of calls) t.throws(call, { code: 'BAD_MESSAGE' });
  t.end();
});

/** Bytes as text, so that both sides of a comparison can be printed. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, value]) => [key, plain(value)]));
}
