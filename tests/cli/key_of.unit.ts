import t from 'tap';
import { keyOf } from '../../node/cli/key_of.ts';

const ME = `abcd${'0'.repeat(60)}`, A = `1234${'a'.repeat(60)}`, B = `1234${'b'.repeat(60)}`;

t.test('first digits stand for the one key that begins so', async (t) => {
  const ask = (_: string, method: string) =>
    Promise.resolve(method === 'status' ? { key: ME } : [{ key: A }, { key: B }]);
  const of = (text: string) => keyOf(text, 'peers', '', new AbortController().signal, ask);
  t.equal(await of('1234a'), A);
  t.equal(await of('1234B'), B, 'in either case');
  t.equal(await of(ME.toUpperCase()), ME, 'a whole key is itself, connected or not');
  await t.rejects(of('1234'), { code: 'PEER_UNKNOWN', message: '2 keys here begin with 1234' });
  await t.rejects(of('9999'), { code: 'PEER_UNKNOWN', message: 'no key here begins with 9999' });
  await t.rejects(of('abcd'), { code: 'OWN_KEY', message: 'abcd is this very node' });
  for (const text of ['zzzz', 'abc', '', '1'.repeat(65)]) {
    await t.rejects(of(text), { code: 'USAGE', message: /is no key/, hint: /four of its first/ });
  }
  t.end();
});
