import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { gumbel, halfSipHash, samplerFromKey, samplerKey } from '../../node/sampler/mod.ts';
import { TABLES_SHA256 } from '../../node/sampler/tables.ts';
import { generatedDigest } from './digest.ts';

// Over this project's own generated cases: it pins the sampler's behaviour between versions.
const DIGEST = '3196d20ffb55e3d265eebc020e2c83de529265fb5d20641d8dce1a103a21a987';

interface Golden {
  spec: string;
  tables: string;
  key: [number, number];
  hash: number[];
  gumbel: [number, number][];
  choose: { ids: number[]; z: number[]; tq: number; pq: number; pos: number; token: number }[];
}

const golden = JSON.parse(
  readFileSync(new URL('./golden.json', import.meta.url), 'utf8'),
) as Golden;

t.test('the tables are those of the vectors', (t) => {
  t.equal(TABLES_SHA256, golden.tables);
  t.end();
});

t.test('halfsiphash gives its published vector', (t) => {
  // vectors_hsip32 of github.com/veorq/SipHash: key 00..07, message 00..07.
  t.equal(halfSipHash(0x03020100, 0x07060504, 0x03020100, 0x07060504), 0x8f84b8d0);
  t.end();
});

t.test('every noise hash of the vectors', (t) => {
  const [k0, k1] = golden.key;
  golden.hash.forEach((expected, i) => t.equal(halfSipHash(k0, k1, 7 * i, 3 + 1000 * i), expected));
  t.end();
});

t.test('every gumbel variate of the vectors', (t) => {
  for (const [v, expected] of golden.gumbel) t.equal(gumbel(v), expected, `v = ${v}`);
  t.end();
});

t.test('every choice of the vectors', (t) => {
  const sampler = samplerFromKey(...golden.key);
  for (const { ids, z, tq, pq, pos, token } of golden.choose) {
    t.equal(sampler.draw({ ids, z, position: pos, tq, pq }), token, `position ${pos}`);
  }
  t.end();
});

t.test('the key is a tagged hash of the seed, lengths first', (t) => {
  const seed = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
  const tag = Buffer.from(golden.spec);
  const bytes = Buffer.concat([Buffer.from([0, 0, 0, tag.length, 0, 0, 0, 32]), tag, seed]);
  const hash = createHash('sha256').update(bytes).digest();
  t.same(samplerKey(seed), [hash.readUInt32LE(0), hash.readUInt32LE(4)]);
  t.throws(() => samplerKey(seed.subarray(1)), { code: 'BAD_SEED' });
  t.end();
});

t.test('20,000 generated draws are equal on Node and on Deno', (t) => {
  const deno = fileURLToPath(new URL('../../node_modules/.bin/deno', import.meta.url));
  const program = fileURLToPath(new URL('./digest.ts', import.meta.url));
  const child = spawnSync(deno, ['run', '--no-prompt', '--allow-read', program], {
    encoding: 'utf8',
  });
  t.equal(child.stdout.trim(), DIGEST, child.stderr);
  t.equal(generatedDigest(20_000), DIGEST);
  t.end();
});
