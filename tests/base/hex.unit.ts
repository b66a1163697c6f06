import t from 'tap';
import fc from 'fast-check';
import { asNexusError, fromHex, NexusError, taggedHash, toHex } from '../../feeds/base/mod.ts';
import { slowHex } from '../../feeds/base/bytes.ts';

t.test('hexadecimal round trip', (t) => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = toHex(bytes);
      t.same(fromHex(text), bytes);
      t.same(fromHex(text.toUpperCase()), bytes);
      t.equal(text, slowHex(bytes), 'with the runtime and without');
      t.equal(text, Buffer.from(bytes).toString('hex'));
    }),
    { numRuns: 50 },
  );
  for (const bad of ['0', 'zz', '0x00', ' 00', '0é', '0\u0130']) {
    t.throws(() => fromHex(bad), { code: 'BAD_HEX' });
  }
  t.throws(() => fromHex('0011', 3), { code: 'BAD_HEX' });
  t.end();
});

t.test('hexadecimal of a runtime that has its own', (t) => {
  const bytes = Object.assign(Uint8Array.of(1, 255), { toHex: () => '01ff' });
  t.equal(toHex(bytes), slowHex(bytes));
  t.equal(toHex(new Uint8Array()), '');
  t.end();
});

t.test('a tagged hash tells lists of parts apart', (t) => {
  const [a, b, ab] = [new Uint8Array([1]), new Uint8Array([2]), new Uint8Array([1, 2])];
  t.notSame(taggedHash('x', a, b), taggedHash('x', ab));
  t.notSame(taggedHash('x', a), taggedHash('y', a));
  t.end();
});

t.test('an error crosses a process boundary whole', (t) => {
  const cause = new Error('socket closed');
  const sent = new NexusError('PEER_LOST', 'gone', {
    hint: 'retry',
    peer: 'ab',
    stage: 'decode',
    cause,
  });
  const got = NexusError.fromJSON(JSON.parse(JSON.stringify(sent)));
  t.same(got.toJSON(), sent.toJSON());
  for (const hostile of [null, 3, 'x', [], { code: 7 }]) {
    t.equal(NexusError.fromJSON(hostile).code, 'INTERNAL');
  }
  t.equal(asNexusError(sent), sent);
  t.end();
});
