import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { circuitKeys } from '../../circuits/mod.ts';
import { proofLine, proofsFrom } from '../../node/cli/new_proofs.ts';
import { contributed, otherSecret } from '../circuits/zkeys.ts';

const KEYS = fileURLToPath(new URL('../../circuits/keys/', import.meta.url));
const own = Object.fromEntries((await circuitKeys()).map((one) => [one.statement, one.hash]));

/** A folder with these files of keys in it, as long as it is looked at. */
async function inFolder<T>(
  files: Record<string, Uint8Array | string>,
  look: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-new-proofs-'));
  try {
    for (const [name, from] of Object.entries(files)) {
      const to = join(folder, name);
      if (typeof from === 'string') await copyFile(join(KEYS, from), to);
      else await writeFile(to, from);
    }
    return await look(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

t.test('the keys of development are not taken for those of a ceremony', async (t) => {
  const ceremony = { ceremony: true, prove: 'sample' };
  const refused = { code: 'KEY_INSECURE', hint: /ceremony\.md/ };
  await t.rejects(proofsFrom({ ...ceremony, keys: KEYS }, 1), refused);
  for (const end of ['zkey', 'vkey.json']) {
    const name = `standing.${end}`;
    const made = inFolder({ [name]: name }, (keys) => proofsFrom({ ...ceremony, keys }, 1));
    await t.rejects(made, refused, name);
  }
  const sample = new Uint8Array(await readFile(join(KEYS, 'sample.zkey')));
  // As one of another version of this program, or what `setup` makes before anybody contributes.
  const other = inFolder(
    { 'sample.zkey': otherSecret(sample) },
    (keys) => proofsFrom({ ...ceremony, keys }, 1),
  );
  await t.rejects(other, refused, 'nobody contributed to it');
});

t.test('without that word they are pinned, and said to be of no ceremony', async (t) => {
  const { terms } = (await proofsFrom({ ceremony: false, prove: 'sample:25%', keys: KEYS }, 1))!;
  t.same(terms.keys, own);
  t.equal(terms.ceremony, undefined);
  t.match(proofLine(terms), /25 %.*sample, epoch-total, standing come of no ceremony: anybody can/);
});

t.test('a key that somebody contributed to is vouched for, the others are not', async (t) => {
  const zkey = otherSecret(
    contributed(new Uint8Array(await readFile(join(KEYS, 'standing.zkey')))),
  );
  const made = await inFolder(
    { 'standing.zkey': zkey },
    (keys) => proofsFrom({ ceremony: true, keys }, 1),
  );
  const { terms, own: [key] } = made!;
  t.same(terms.ceremony, ['standing']);
  t.same(terms.keys, { ...own, standing: key!.hash });
  t.not(key!.hash, own['standing']);
  t.equal(terms.share, 0, 'no answer is asked to be proven');
  t.match(proofLine(terms), /no proofs of answers; the keys of sample, epoch-total come of no/);
  const all = { ...terms, ceremony: ['sample', 'epoch-total', 'standing'] as const };
  t.match(proofLine(all), /its keys come of a ceremony\.$/);
});

t.test('what cannot be asked for', async (t) => {
  t.equal(await proofsFrom({ ceremony: false }, 1), null);
  await t.rejects(proofsFrom({ ceremony: true, prove: 'sample' }, 1), { code: 'USAGE' });
  await t.rejects(proofsFrom({ ceremony: false, prove: 'sample' }, 0), { code: 'PROVE_INVALID' });
  await inFolder({}, async (keys) => {
    await t.rejects(proofsFrom({ ceremony: false, keys }, 1), { code: 'KEYS_NONE' });
  });
});
