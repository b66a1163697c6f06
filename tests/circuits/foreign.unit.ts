import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { contributionOf, DEV_CONTRIBUTION, manifestOf } from '../../circuits/build/build.ts';
import { contributionsOf, isOpenSecret } from '../../circuits/contributions.ts';
import { readManifest } from '../../circuits/files.ts';
import { foreignKey, isInsecure, KeyRing, STATEMENTS } from '../../circuits/mod.ts';
import { keepKey, keysIn } from '../../node/proofs/mod.ts';
import { contributed, otherSecret, sectionOf } from './zkeys.ts';

const sample = await keyFile('sample.zkey'), standing = await keyFile('standing.zkey');

t.test('the development keys say that nobody contributed a secret', async (t) => {
  for (const statement of STATEMENTS) {
    const zkey = await keyFile(`${statement}.zkey`);
    t.same(contributionsOf(zkey), [{ name: DEV_CONTRIBUTION, open: true }], statement);
    t.throws(() => contributionOf(statement, zkey), { code: 'KEY_INSECURE' }, statement);
  }
  t.equal(contributionOf('sample', null), DEV_CONTRIBUTION);
  t.equal(contributionOf('sample', contributed(sample)), null, 'somebody did');
});

t.test('whether the manifest calls its keys insecure follows from them', async (t) => {
  const manifest = await readManifest();
  t.same(manifestOf(manifest.statements), manifest);
  const { sample } = manifest.statements;
  const made = { ...sample!, contribution: null };
  t.equal(manifestOf({ sample: made }).insecure, false);
  t.equal(manifestOf({ ...manifest.statements, sample: made }).insecure, true);
});

t.test('a key that nobody contributed to stays insecure, whatever a network says', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-keys-'));
  try {
    const ring = new KeyRing(folder);
    const tried = [
      { zkey: otherSecret(sample), vouched: true, insecure: true },
      { zkey: otherSecret(contributed(sample)), vouched: true, insecure: false },
      { zkey: otherSecret(contributed(sample)), vouched: false, insecure: true },
    ];
    for (const { zkey, vouched, insecure } of tried) {
      const key = await foreignKey('sample', { zkey });
      t.equal(key.insecure, isOpenSecret(zkey));
      await keepKey(folder, { statement: 'sample', proves: true, ...key });
      const found = await ring.demand('sample', key.hash);
      t.match(found, { place: 'home', proves: true });
      t.equal(isInsecure(found, vouched), insecure);
    }
    const { hash } = await foreignKey('sample', tried[0]!);
    await writeFile(join(folder, hash, 'sample.zkey'), sample);
    const other = (await ring.demand('sample', hash)).read('zkey');
    await t.rejects(other, { code: 'KEY_CORRUPT' }, 'another file in its place');
  } finally {
    await rm(folder, { recursive: true });
  }
});

t.test('files that are no key of the circuit are not taken in', async (t) => {
  const list = sectionOf(sample, 10), header = sectionOf(sample, 2), rows = sectionOf(sample, 4);
  const lies: [string, string, Uint8Array][] = [
    ['nothing', 'KEY_CORRUPT', new Uint8Array()],
    ['junk', 'KEY_CORRUPT', new Uint8Array(5000).fill(7)],
    ['junk after the name', 'KEY_CORRUPT', sample.slice(0, 4000).fill(0xff, 4)],
    ['another kind of file', 'KEY_CORRUPT', await keyFile('sample.wasm')],
    ['another curve', 'KEY_CORRUPT', sample.with(header.at + 4, 1)],
    ['cut in the header', 'KEY_CORRUPT', sample.slice(0, header.at + 300)],
    ['cut in its rows', 'KEY_CORRUPT', sample.slice(0, rows.at + 1000)],
    ['cut at the end', 'KEY_CORRUPT', sample.slice(0, -1)],
    ['a point off the curve', 'KEY_CORRUPT', sample.with(header.at + 540, 1)],
    ['no end of contributions', 'KEY_CORRUPT', sample.with(list.at + 66, 1)],
    ['a contribution too long', 'KEY_CORRUPT', sample.with(list.at + 68 + 388 + 2, 9)],
    ['another circuit', 'KEY_CIRCUIT', standing],
    ['another row', 'KEY_CIRCUIT', sample.with(rows.at + 1000, sample[rows.at + 1000]! ^ 1)],
  ];
  for (const [name, code, zkey] of lies) {
    await t.rejects(foreignKey('sample', { zkey }), { code }, name);
  }
  const total = await keyFile('epoch-total.vkey.json'), own = await keyFile('sample.vkey.json');
  await t.rejects(foreignKey('sample', { vkey: total }), { code: 'KEY_CIRCUIT' });
  for (const vkey of [own.slice(0, 9000), new Uint8Array(), new TextEncoder().encode('null')]) {
    await t.rejects(foreignKey('sample', { vkey }), { code: 'KEY_CORRUPT' });
  }
});

t.test('a folder without keys is refused', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-keys-'));
  try {
    await t.rejects(keysIn(folder), { code: 'KEYS_NONE', hint: /sample\.zkey/ });
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function keyFile(name: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(new URL(`../../circuits/keys/${name}`, import.meta.url)));
}
