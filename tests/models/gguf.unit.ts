import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { NexusError, sha256 } from '../../feeds/base/mod.ts';
import {
  type GgufInfo,
  makeProfile,
  parseGguf,
  readGguf,
  tokenizerHash,
  vocabularyOf,
} from '../../node/models/mod.ts';
import { AUSTEN, folder, gguf, raw, string, strings, u32, u64, uint } from './files.ts';

const parse = (bytes: Uint8Array) => parseGguf(bytes, bytes.length, 'x.gguf');

/** True if it parses or is refused with a code; anything else is thrown. */
function isHandled(bytes: Uint8Array): boolean {
  try {
    parse(bytes);
    return true;
  } catch (thrown) {
    if (thrown instanceof NexusError && thrown.hint !== undefined) return true;
    throw thrown;
  }
}

t.test('the embedded model is read', async (t) => {
  const info = await readGguf(AUSTEN);
  const { architecture, quantisation, contextLength, vocabularySize, parameters } = info;
  t.same(
    { architecture, quantisation, contextLength, vocabularySize, parameters },
    {
      architecture: 'llama',
      quantisation: 'Q8_0',
      contextLength: 1024,
      vocabularySize: 2048,
      parameters: 3672320,
    },
  );
  t.equal(info.kvBytesPerToken, 4 * 2 * (64 + 64) * 2, 'layers, heads, key and value, two bytes');
  t.match(info.chatTemplate, /im_start/);
});

t.test('a header longer than the first read is read whole', async (t) => {
  const path = join(await folder(t), 'long.gguf');
  const tokens = Array.from({ length: 120_000 }, (_, i) => `token ${i}`);
  await writeFile(path, gguf({ 'tokenizer.ggml.tokens': strings(tokens) }));
  t.equal((await readGguf(path)).vocabularySize, 120_000);
});

t.test('what is not a model is refused with its name', async (t) => {
  const path = join(await folder(t), 'x.gguf');
  const refused = async (bytes: Uint8Array | string, code: string, why: RegExp) => {
    await writeFile(path, bytes);
    const error = await readGguf(path).then(() => null, (e) => e);
    t.ok(error instanceof NexusError, `${why}`);
    t.equal(error.code, code);
    t.match(error.message, why);
    t.ok(error.message.includes(path) && error.hint.length > 0);
  };
  await refused('', 'MODEL_TRUNCATED', /0 bytes/);
  await refused('#!/bin/sh\necho this is a script', 'MODEL_NOT_GGUF', /begin/);
  await refused(gguf({}, { version: 1 }), 'MODEL_NOT_GGUF', /version 1/);
  await refused(gguf({ 'general.architecture': string('') }), 'MODEL_NOT_GGUF', /architecture/);
  await refused(gguf({}, { entryCount: 2n ** 63n }), 'MODEL_NOT_GGUF', /absurd/);
  await refused(gguf({}, { tensorCount: 2 ** 40 }), 'MODEL_NOT_GGUF', /tensors/);
  await refused(gguf({ x: raw(9, u32(8), u64(2 ** 40)) }), 'MODEL_NOT_GGUF', /elements/);
  await refused(gguf({ x: raw(8, u64(2 ** 40)) }), 'MODEL_NOT_GGUF', /string/);
  const deep = Array.from({ length: 1000 }, () => [u32(9), u64(1)]).flat();
  await refused(gguf({ x: raw(9, ...deep) }), 'MODEL_NOT_GGUF', /nested/);
  await t.rejects(readGguf(join(path, 'none')), { code: 'MODEL_NOT_FOUND' });
  await t.rejects(readGguf(join(path, '..')), { code: 'MODEL_NOT_GGUF' }, 'a folder');
});

t.test('a file that ends too early is called cut off, wherever it ends', async (t) => {
  const whole = gguf();
  t.equal(parse(whole).parameters, 8);
  for (let size = 4; size < whole.length; size++) {
    t.throws(() => parse(whole.subarray(0, size)), { code: 'MODEL_TRUNCATED' }, `${size} bytes`);
  }
  const path = join(await folder(t), 'cut.gguf');
  await writeFile(path, await readFile(AUSTEN));
  await truncate(path, 3_000_000);
  await t.rejects(makeProfile(path), { code: 'MODEL_TRUNCATED', hint: /again/ });
});

t.test('any bytes are handled', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 512 }), isHandled), { numRuns: 500 });
  const magic = fc.uint8Array({ maxLength: 512 }).map((tail) =>
    new Uint8Array([...Buffer.from('GGUF'), 3, 0, 0, 0, ...tail])
  );
  fc.assert(fc.property(magic, isHandled), { numRuns: 1000 });
  t.end();
});

t.test('a mutated header is handled, in bounded time', async (t) => {
  const real = (await readFile(AUSTEN)).subarray(0, 64_100);
  const small = gguf({ 'general.file_type': uint(7), y: raw(9, u32(4), u64(2), u32(1), u32(2)) });
  const mutation = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
  const mutate = (base: Uint8Array) => (changes: [number, number][]) => {
    const bytes = new Uint8Array(base);
    for (const [at, value] of changes) bytes[at % bytes.length] = value;
    const start = performance.now();
    return isHandled(bytes) && performance.now() - start < 2000;
  };
  const holds = (base: Uint8Array, numRuns: number) =>
    fc.assert(fc.property(mutation, mutate(base)), { numRuns });
  t.doesNotThrow(() => holds(small, 2000));
  t.doesNotThrow(() => holds(new Uint8Array(real), 100));
});

t.test('a vocabulary is the metadata without tensors', async (t) => {
  const info = await readGguf(AUSTEN);
  const bytes = vocabularyOf(info);
  const again: GgufInfo = parse(bytes);
  t.equal(again.tensors.length, 0);
  t.equal(again.entries.size, info.entries.size);
  t.equal(again.chatTemplate, info.chatTemplate);
  t.same(tokenizerHash(again), tokenizerHash(info));
  t.same(sha256(vocabularyOf(again)), sha256(bytes), 'its own vocabulary is itself');
  const merges = parse(gguf({ 'tokenizer.ggml.merges': strings(['a b']) }));
  t.notSame(tokenizerHash(merges), tokenizerHash(parse(gguf())));
  const template = parse(gguf({ 'tokenizer.chat_template': string('{{ x }}') }));
  t.same(tokenizerHash(template), tokenizerHash(parse(gguf())), 'the template has its own hash');
});

t.test('the context of a profile is bounded by what the model declares', async (t) => {
  const path = join(await folder(t), 'm.gguf');
  await writeFile(path, gguf());
  t.equal((await makeProfile(path)).profile.contextSize, 512);
  t.equal((await makeProfile(path, { contextSize: 100 })).profile.contextSize, 100);
  for (const contextSize of [0, -1, 513, NaN, 1.5]) {
    await t.rejects(makeProfile(path, { contextSize }), { code: 'MODEL_BAD_CONTEXT' });
  }
  await writeFile(path, gguf({ 'llama.context_length': uint(100_000) }));
  t.equal((await makeProfile(path)).profile.contextSize, 2048);
  await writeFile(path, gguf({ 'split.count': uint(3) }));
  await t.rejects(makeProfile(path), { code: 'MODEL_SPLIT', hint: /merge/ });
  await writeFile(path, gguf({ 'tokenizer.ggml.tokens': strings([]) }));
  await t.rejects(makeProfile(path), { code: 'MODEL_NO_VOCABULARY' });
  await writeFile(path, vocabularyOf(await readGguf(AUSTEN)));
  await t.rejects(makeProfile(path), { code: 'MODEL_NO_WEIGHTS' });
});
