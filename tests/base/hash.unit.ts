import { createHash } from 'node:crypto';
import t from 'tap';
import { sha256, taggedHash } from '../../feeds/base/mod.ts';

/** The definition, written out with the runtime's SHA-256. */
function reference(tag: string, ...parts: Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of [new TextEncoder().encode(tag), ...parts]) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    hash.update(length).update(part);
  }
  return hash.digest('hex');
}

t.test('a tagged hash is SHA-256 over its length-prefixed parts at every length', (t) => {
  const bytes = Uint8Array.from({ length: 9000 }, (_, i) => (i * 31) & 255);
  const lengths = [...Array(300).keys(), 4070, 4080, 4083, 4084, 4085, 4086, 4090, 4096, 9000];
  for (const length of lengths) {
    const part = bytes.subarray(0, length);
    const ours = Buffer.from(taggedHash('tag', part)).toString('hex');
    if (ours !== reference('tag', part)) t.fail(`differs at ${length} bytes`);
    const split = taggedHash('tag', part.subarray(0, length >> 1), part.subarray(length >> 1));
    const expected = reference('tag', part.subarray(0, length >> 1), part.subarray(length >> 1));
    if (Buffer.from(split).toString('hex') !== expected) t.fail(`parts differ at ${length} bytes`);
  }
  t.pass(`${lengths.length} lengths`);
  t.not(reference('a', bytes), reference('b', bytes));
  t.end();
});

t.test('sha256 agrees with the published vector', (t) => {
  const abc = Buffer.from(sha256(new TextEncoder().encode('abc'))).toString('hex');
  t.equal(abc, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  t.end();
});

t.test('sha256 agrees with the runtime at every length around its limits', (t) => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * 37) & 255);
  for (const length of [...Array(400).keys(), 4095, 4096, 4097, 5000]) {
    const part = bytes.subarray(0, length);
    const ours = Buffer.from(sha256(part)).toString('hex');
    if (ours !== createHash('sha256').update(part).digest('hex')) t.fail(`differs at ${length}`);
  }
  t.pass('404 lengths');
  t.end();
});
