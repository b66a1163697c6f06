import {
  appendFile,
  copyFile,
  mkdir,
  readdir,
  readFile,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { fromHex, NexusError } from '../../feeds/base/mod.ts';
import { type ModelSource, type ModelStore, peersSource, pull } from '../../node/models/mod.ts';
import { fake, giving, tinyHome } from './fixture.ts';
import { gguf, string } from './files.ts';

/** Pulls `tiny` and tells what happened as short words. */
async function pulled(store: ModelStore, sources: ModelSource[], signal?: AbortSignal) {
  const story: string[] = [];
  const onNote = (note: { type: string; source?: string; error?: NexusError }) =>
    story.push([note.type, note.source, note.error?.code].filter(Boolean).join(' '));
  const run = pull(store, await store.resolve('tiny'), { sources, onNote, signal });
  const [model, error] = await run.then((m) => [m, null] as const, (e) => [null, e] as const);
  return { model, error, story };
}

/** A promise and what fulfils it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => open = resolve);
  return { opened, open };
}

const refuse = (code: string) => () => Promise.reject(new NexusError(code, `because of ${code}`));

t.test('sources are asked in order until one delivers', async (t) => {
  const { open, bytes, home } = await tinyHome(t);
  const store = open();
  const [a, b, c] = [fake('a', refuse('NOPE')), giving('b', bytes), giving('c', bytes)];
  const { model, story } = await pulled(store, [a, b, c]);
  t.same(story, [
    'failed model folder MODEL_ABSENT',
    'source a',
    'failed a NOPE',
    'source b',
    'checking',
  ]);
  t.equal(c.asked, 0);
  t.equal(model?.state, 'ready');
  t.same(await readFile(model!.path!), Buffer.from(bytes));
  const files = await open().files(fromHex(model!.id));
  t.equal(files?.weights, model!.path);
  t.same(await readdir(join(home, 'models', 'partial')), [], 'nothing is left lying about');

  const again = await pulled(open(), [a]);
  t.equal(again.model?.state, 'ready');
  t.same(again.story, [], 'the model folder comes first');
});

t.test('a file that somebody put into the folder is found by its hash', async (t) => {
  const { open, home, file } = await tinyHome(t);
  await mkdir(join(home, 'models'));
  await copyFile(file, join(home, 'models', 'Downloaded (1).gguf'));
  const { model } = await pulled(open(), []);
  t.equal(model?.state, 'ready');
});

t.test('when none delivers, the error says what was tried and why each failed', async (t) => {
  const { open, bytes } = await tinyHome(t);
  const wrong = new Uint8Array(bytes);
  wrong[wrong.length - 1]! ^= 1;
  const thrower = fake('odd', () => Promise.reject(new TypeError('a bug')));
  const { error, story } = await pulled(open(), [
    peersSource(null),
    giving('liar', wrong),
    giving('short', bytes.subarray(0, 100)),
    thrower,
  ]);
  t.equal(error.code, 'MODEL_UNAVAILABLE');
  for (const part of ['peers: this machine', 'liar: ', 'sha256', 'odd: a bug', 'model folder']) {
    t.ok(error.message.includes(part), part);
  }
  t.match(error.hint, /models add/);
  t.same(story.filter((line) => line.startsWith('failed')), [
    'failed model folder MODEL_ABSENT',
    'failed peers MODEL_NO_PEERS',
    'failed liar MODEL_HASH_MISMATCH',
    'failed short MODEL_HASH_MISMATCH',
    'failed odd MODEL_SOURCE_FAILED',
  ]);
  const model = await open().resolve('tiny');
  t.equal(model.state, 'absent');
});

t.test('a wrong file is removed, never moved into place', async (t) => {
  const { open, home, bytes } = await tinyHome(t);
  const wrong = gguf({ 'general.name': string('wrong') });
  await pulled(open(), [giving('liar', wrong)]);
  const left = await readdir(join(home, 'models'), { recursive: true });
  t.same(left.filter((name) => /gguf|part$|json/.test(name)), []);
  const { model } = await pulled(open(), [giving('good', bytes)]);
  await writeFile(model!.path!, wrong);
  const { model: mended, story } = await pulled(open(), [giving('good', bytes)]);
  t.equal(story[0], 'failed model folder MODEL_HASH_MISMATCH');
  t.same(await readFile(mended!.path!), Buffer.from(bytes));
});

t.test('an interrupted transfer resumes where it stopped', async (t) => {
  const { open, bytes } = await tinyHome(t);
  const half = fake('peers', async (_entry, to, { folder }) => {
    const part = join(folder, 'half');
    const has = await stat(part).then((s) => s.size, () => 0);
    await appendFile(part, bytes.subarray(has, has + 100));
    if (has + 100 < bytes.length) throw new NexusError('LOST', `after ${has + 100}`);
    await copyFile(part, to);
  });
  const needed = Math.ceil(bytes.length / 100);
  for (let i = 1; i < needed; i++) {
    const { error } = await pulled(open(), [half]);
    t.ok(error.message.includes(`after ${100 * i}`));
  }
  t.equal((await pulled(open(), [half])).model?.state, 'ready');
  t.equal(half.asked, needed);
});

t.test('a cancelled pull ends at once and says so', async (t) => {
  const { open, bytes } = await tinyHome(t);
  const abort = new AbortController();
  const slow = fake('slow', (_entry, _to, { signal }) => {
    abort.abort();
    return Promise.reject(signal.reason);
  });
  const after = giving('after', bytes);
  const { error } = await pulled(open(), [slow, after], abort.signal);
  t.equal(error.code, 'CANCELLED');
  t.equal(after.asked, 0);
  t.equal((await pulled(open(), [after])).model?.state, 'ready', 'its lock is gone');
});

t.test('two that pull the same model fetch it once', async (t) => {
  const { open, bytes } = await tinyHome(t);
  const begun = gate();
  const waiting = gate();
  const source = fake('one', async (_entry, to) => {
    begun.open();
    await waiting.opened;
    await writeFile(to, bytes);
  });
  const first = pulled(open(), [source]);
  await begun.opened;
  const store = open();
  const second = pull(store, await store.resolve('tiny'), {
    sources: [source],
    onNote: ({ type }) => type === 'waiting' && waiting.open(),
  });
  t.equal((await first).model?.state, 'ready');
  t.equal((await second).state, 'ready');
  t.equal(source.asked, 1);
});

t.test('two that have the file at the same time do each other no harm', async (t) => {
  const { open, home, bytes } = await tinyHome(t);
  const stores = [open(), open(), open(), open()];
  const models = await Promise.all(stores.map(async (store, i) => {
    const part = join(home, `${i}.part`);
    await writeFile(part, bytes);
    return store.adopt((await store.resolve('tiny')).entry, part);
  }));
  for (const model of models) t.equal(model.state, 'ready');
  t.same(await readFile(models[0]!.path!), Buffer.from(bytes));
});

t.test('the lock of a dead process is taken over', async (t) => {
  const { open, home, bytes } = await tinyHome(t);
  const store = open();
  const { profile } = (await store.resolve('tiny')).entry;
  await mkdir(join(home, 'models', 'partial'), { recursive: true });
  const lock = `${store.partial(profile)}.lock`;
  await writeFile(lock, 'dead');
  await utimes(lock, 1, 1);
  const { model, story } = await pulled(store, [giving('a', bytes)]);
  t.ok(story.includes('waiting'));
  t.equal(model?.state, 'ready');
});
