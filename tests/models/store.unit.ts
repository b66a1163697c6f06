import { copyFile, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import { profileId, profileToJson } from '../../feeds/records/mod.ts';
import { addModel, makeProfile, type Model, ModelStore } from '../../node/models/mod.ts';
import { AUSTEN, folder, gguf, string } from './files.ts';

const filesOf = (store: ModelStore, model: Model) => store.files(fromHex(model.id));

t.test('the table is what its files say', async (t) => {
  const store = new ModelStore(await folder(t));
  const austen = await store.resolve('austen-3.7m');
  const { profile, info } = await makeProfile(AUSTEN);
  t.equal(austen.id, toHex(profileId(profile)));
  t.equal(austen.entry.kvBytesPerToken, info.kvBytesPerToken);
  t.ok(austen.embedded && austen.state === 'ready');
  const smol = await store.resolve('smollm2-135m');
  t.equal(smol.state, 'absent');
  t.equal(smol.entry.profile.size, 98_362_432);
  const files = await filesOf(store, smol);
  t.equal(files?.weights, null);
  t.ok(files!.vocabulary, 'a requester has its vocabulary, checked against the profile');
  t.equal((await readFile(files!.vocabulary)).length, 1_769_507);
});

t.test('a file is added, found, described, and removed', async (t) => {
  const home = await folder(t);
  const path = join(home, 'My Model.Q8_0.gguf');
  await writeFile(path, gguf({ 'general.name': string('My\u0007 Model') }));
  const store = new ModelStore(home);
  const model = await store.add(path);
  t.equal(model.entry.name, 'my-model.q8_0');
  t.equal(model.entry.title, 'My Model', 'without control characters');
  t.equal(model.state, 'ready');
  const again = await new ModelStore(home).resolve(model.id.slice(0, 8).toUpperCase());
  t.same(again, model, 'another process finds it by its id');
  t.same(await store.add(path), model, 'adding it again changes nothing');
  const files = await filesOf(store, model);
  t.same(await readFile(files!.weights!), await readFile(path));

  const other = join(home, 'other', 'my-model.q8_0.gguf');
  await store.add(path, { name: 'x' });
  await t.rejects(store.resolve('x'), { code: 'MODEL_UNKNOWN' }, 'one profile, one name');
  await t.rejects(store.add(other), { code: 'MODEL_NOT_FOUND' });
  const longer = await store.add(path, { contextSize: 100 });
  t.match(longer.entry.name, /^my-model\.q8_0-[0-9a-f]{4}$/, 'same file, another profile');

  t.equal((await store.remove(model.entry.name)).freed, (await readFile(path)).length);
  t.equal(await filesOf(store, model), null);
  t.ok((await filesOf(store, longer))?.weights, 'what another model needs stays');
  await store.remove(longer.entry.name);
  t.same((await store.list()).map((m) => m.entry.name), ['austen-3.7m', 'smollm2-135m']);
  const rest = await readdir(join(home, 'models'), { recursive: true });
  t.same(rest.filter((name) => name.endsWith('.gguf') || name.endsWith('.part')), []);
  t.ok(await readFile(path), 'the original is left alone');
});

t.test('adding can be cancelled', async (t) => {
  const store = new ModelStore(await folder(t));
  const signal = AbortSignal.abort();
  await t.rejects(addModel(store, AUSTEN, { signal }), { code: 'CANCELLED' });
  await t.rejects(addModel(store, 'hf:some/where', { signal }), { code: 'CANCELLED' });
});

t.test('names that are wrong are met with help', async (t) => {
  const store = new ModelStore(await folder(t));
  const hint = (name: string) => store.resolve(name).then(() => '', (e) => `${e.code} ${e.hint}`);
  t.equal(await hint('smollm2'), 'MODEL_UNKNOWN did you mean smollm2-135m?');
  t.equal(await hint('austin-3.7m'), 'MODEL_UNKNOWN did you mean austen-3.7m?');
  t.match(await hint('gpt'), /^MODEL_UNKNOWN see/);
  t.match(await hint('\x1b[2J'), /^MODEL_UNKNOWN/);
  await t.rejects(store.remove('austen-3.7m'), { code: 'MODEL_EMBEDDED' });
});

t.test('weights that changed are hashed again, and refused if wrong', async (t) => {
  const home = await folder(t);
  const path = join(home, 'a.gguf');
  await writeFile(path, gguf());
  const store = new ModelStore(home);
  const model = await store.add(path);
  const weights = (await filesOf(store, model))!.weights!;
  await utimes(weights, 1, 1);
  t.equal((await filesOf(store, model))?.weights, weights, 'touched, but the same');
  const touched = await store.resolve('a');
  t.equal(touched.entry.weights?.mtimeMs, 1000, 'and not hashed the next time');

  const bytes = await readFile(weights);
  bytes[bytes.length - 1]! ^= 1;
  await rm(weights);
  await writeFile(weights, bytes);
  await t.rejects(filesOf(store, model), { code: 'MODEL_HASH_MISMATCH', hint: /models rm a/ });
  await writeFile(weights, 'short');
  t.equal((await store.resolve('a')).state, 'damaged');
  await t.rejects(filesOf(store, model), { code: 'MODEL_HASH_MISMATCH' });
  await rm(weights);
  t.equal((await store.resolve('a')).state, 'absent');
  t.equal((await filesOf(store, model))?.weights, null);
});

t.test('a damaged entry costs one entry', async (t) => {
  const home = await folder(t);
  const path = join(home, 'a.gguf');
  await copyFile(AUSTEN, path);
  const store = new ModelStore(home);
  t.equal((await store.add(path)).entry.name, 'austen-3.7m', 'the embedded model is known');
  await writeFile(path, gguf());
  await store.add(path);
  const entries = join(home, 'models', 'entries');
  const good = await readFile(join(entries, 'a.json'), 'utf8');
  await writeFile(join(entries, 'b.json'), good);
  await writeFile(join(entries, 'c.json'), good.slice(0, 100));
  await writeFile(join(entries, 'd.json'), '{"name":"d","profile":{}}');
  const escape = { ...JSON.parse(good), name: 'e', weights: { file: '../../x.gguf' } };
  await writeFile(join(entries, 'e.json'), JSON.stringify(escape));
  const names = (await store.list()).map((m) => m.entry.name);
  t.same(names, ['austen-3.7m', 'smollm2-135m', 'a']);
  t.same((await store.problems()).length, 4);
});

t.test("a vocabulary from a peer is kept only if it is the profile's", async (t) => {
  const home = await folder(t);
  const theirs = new ModelStore(join(home, 'peer'));
  const path = join(home, 'm.gguf');
  await writeFile(path, gguf());
  const model = await theirs.add(path);
  const { vocabulary } = (await filesOf(theirs, model))!;
  const { profile } = model.entry;

  const store = new ModelStore(home);
  const got = await store.importVocabulary(profileToJson(profile), vocabulary, 'Peer Model');
  t.equal(got.id, model.id);
  t.equal(got.entry.name, 'peer-model');
  t.equal(got.state, 'absent');
  const files = await filesOf(store, got);
  t.equal(files?.weights, null);
  t.same(await readFile(files!.vocabulary), await readFile(vocabulary));
  const full = await store.add(path);
  t.equal(full.entry.name, 'peer-model', 'the weights join it');
  t.equal(full.state, 'ready');

  const wrong = async (change: object, file: string) => {
    const json = profileToJson({ ...profile, ...change });
    await t.rejects(store.importVocabulary(json, file), { code: 'MODEL_HASH_MISMATCH' });
  };
  await wrong({ tokenizer: profile.file }, vocabulary);
  await wrong({ chatTemplate: profile.file }, vocabulary);
  await wrong({ architecture: 'gemma' }, vocabulary);
  await wrong({}, path);
  await wrong({ vocabulary: profile.file }, path);
  await t.rejects(store.importVocabulary({ x: 1 }, vocabulary), { code: 'PROFILE_BAD_JSON' });
});
