import t from 'tap';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  admittedKey,
  changeKeys,
  demandRoomForAdmitted,
  fileKeyBook,
  limitsOf,
  newKey,
  parseKeys,
  readKeys,
  withKey,
  withoutKey,
} from '../../node/keys/mod.ts';

const NO_LIMITS = limitsOf({});
const make = (name: string) =>
  newKey({ name, limits: NO_LIMITS }, randomBytes(36), 1_700_000_000_000);

t.test('a secret is found again, any other is not', async (t) => {
  const path = join(folder(t), 'keys.json');
  const made = ['a', 'b', 'c'].map(make);
  for (const { key } of made) await changeKeys(path, (keys) => withKey(keys, key));
  const book = fileKeyBook(path);
  t.equal(await book.size(), 3);
  t.same(await book.ids(), new Set(made.map(({ key }) => key.id)));
  for (const { key, secret } of made) {
    t.match(secret, /^nexus-[\w-]{43}$/);
    t.same(await book.find(secret), key);
    for (let i = 0; i < secret.length; i++) {
      const other = secret[i] === 'A' ? 'B' : 'A';
      t.equal(await book.find(secret.slice(0, i) + other + secret.slice(i + 1)), null);
    }
    t.equal(await book.find(key.hash), null, 'what stands in the file opens nothing');
    t.equal(await book.find(key.id), null);
  }
  for (const word of ['', 'nexus-', 'x'.repeat(100_000)]) t.equal(await book.find(word), null);
  const text = readFileSync(path, 'utf8');
  for (const { secret } of made) t.notOk(text.includes(secret.slice(6)), 'the secret is not kept');
  t.equal(statSync(path).mode & 0o777, 0o600);
});

t.test('a book that is open learns of added and removed keys', async (t) => {
  const path = join(folder(t), 'keys.json');
  const book = fileKeyBook(path);
  const [a, b] = [make('a'), make('b')];
  t.equal(await book.size(), 0, 'no file, no keys');
  await changeKeys(path, (keys) => withKey(keys, a.key));
  t.match(await book.find(a.secret), { name: 'a' });
  // Of the same size, perhaps in the same moment.
  await changeKeys(path, (keys) => withKey(withoutKey(keys, 'a').keys, b.key));
  t.equal(await book.find(a.secret), null, 'a removed key is refused');
  t.match(await book.find(b.secret), { name: 'b' });
  rmSync(path);
  t.equal(await book.find(b.secret), null);
});

t.test('writers at once lose nothing and leave nothing behind', async (t) => {
  const dir = folder(t);
  const path = join(dir, 'keys.json');
  const made = ['a', 'b', 'c', 'd', 'e'].map(make);
  await Promise.all(made.map(({ key }) => changeKeys(path, (keys) => withKey(keys, key))));
  t.same((await readKeys(path)).map(({ name }) => name).sort(), ['a', 'b', 'c', 'd', 'e']);
  t.same(readdirSync(dir), ['keys.json']);
});

t.test('names and limits are checked', (t) => {
  const keys = [make('a').key];
  const add = (name: string) => () => withKey(keys, make(name).key);
  for (const bad of ['', ' ', 'a b', '-x', 'x\n', '\u001b[2J', 'n'.repeat(65), '../x']) {
    t.throws(add(bad), { code: 'KEY_INVALID' }, JSON.stringify(bad));
  }
  t.throws(add('a'), { code: 'KEY_EXISTS' });
  t.throws(add(keys[0]!.id), { code: 'KEY_EXISTS' }, 'a name that is an id');
  t.equal(withKey(keys, make('Zoë.2').key).length, 2);
  t.throws(() => withoutKey([make('laptop').key], 'latpop'), {
    code: 'KEY_UNKNOWN',
    hint: /laptop/,
  });
  for (const bad of [0, -1, 1.5, NaN, Infinity]) {
    t.throws(() => limitsOf({ concurrent: bad }), { code: 'KEY_INVALID', message: /concurrent/ });
  }
  t.throws(() => limitsOf({ ncuPerDay: 0 }, { ncuPerDay: '--ncu-per-day' }), {
    code: 'KEY_INVALID',
    message: '--ncu-per-day must be an amount of NCU above 0, at most 1000000',
  });
  t.same(limitsOf({ requestsPerMinute: 3 }), {
    requestsPerMinute: 3,
    tokensPerMinute: null,
    concurrent: null,
    ncuPerDay: null,
  });
  t.end();
});

t.test('a hostile file is refused by name, and no key of it counts', async (t) => {
  const path = join(folder(t), 'keys.json');
  const { key, secret } = make('a');
  const file = (entry: unknown) => JSON.stringify({ version: 1, keys: [key, entry] });
  const texts = [
    '',
    '{',
    'null',
    '[]',
    '{"version":2,"keys":[]}',
    '['.repeat(200_000),
    ...[null, 1, [], {}, key, { ...make('b').key, id: key.id }, {
      ...make('b').key,
      hash: key.hash,
    }].map(file),
    ...[
      { id: '../../x' },
      { name: '\u001b[31m' },
      { hash: '' },
      { created: 'now' },
      { limits: null },
      { limits: { ...NO_LIMITS, concurrent: -1 } },
      { name: key.id },
    ].map((part) => file({ ...make('c').key, ...part })),
    JSON.stringify({ version: 1, keys: Array.from({ length: 1001 }, (_, i) => make(`k${i}`).key) }),
  ];
  const book = fileKeyBook(path);
  for (const text of texts) {
    writeFileSync(path, text, { mode: 0o600 });
    const refused = { code: 'KEYS_INVALID', message: new RegExp('keys.json') };
    await t.rejects(readKeys(path), refused, text.slice(0, 60));
    await t.rejects(book.find(secret), refused);
    await t.rejects(changeKeys(path, (keys) => keys), refused, 'it is not written over');
    t.equal(readFileSync(path, 'utf8'), text);
  }
  writeFileSync(path, JSON.stringify({ version: 1, keys: [key] }));
  t.match(await book.find(secret), { name: 'a' }, 'mended, it counts again');
  if (process.platform !== 'win32') {
    chmodSync(path, 0o620);
    await t.rejects(book.find(secret), { code: 'KEYS_EXPOSED', hint: /chmod 600/ });
  }
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    try {
      return parseKeys({ version: 1, keys: [value] }).length === 0;
    } catch (thrown) {
      return (thrown as { code?: string }).code === 'KEYS_INVALID';
    }
  }));
});

function folder(t: { teardown(end: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'nexus-test-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

t.test('so many are admitted at once, until their keys expire', async (t) => {
  const path = join(folder(t), 'keys.json');
  const wish = { limits: NO_LIMITS, lifeMs: 1000, most: 2 };
  const admit = (now: number) => admittedKey(path, wish, randomBytes(36), now);
  const room = (now: number) => demandRoomForAdmitted(path, wish.most, now);
  await room(0);
  await changeKeys(path, (keys) => withKey(keys, make('owner').key));
  await admit(0);
  await room(500);
  await admit(500);
  await t.rejects(room(999), { code: 'KEYS_TOO_MANY' }, 'told before a proof is looked at');
  await t.rejects(admit(999), { code: 'KEYS_TOO_MANY' });
  await room(1000);
  await admit(1000);
  t.equal((await readKeys(path)).length, 3, 'one has expired and is gone');
});
