import t from 'tap';
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  changeConfig,
  changeState,
  copiedFrom,
  createFileAtomic,
  ensureIdentity,
  loadConfig,
  loadIdentity,
  loadState,
  makePrivateFolder,
  openHome,
  rememberPlace,
  writeJson,
} from '../../node/home/mod.ts';

const mode = (path: string) => lstatSync(path).mode & 0o777;

t.test('a new home is private and keeps its identity', async (t) => {
  const path = join(t.testdir(), 'a', 'home');
  const first = await openHome(path);
  t.equal(first.created, true);
  t.equal(mode(path), 0o700);
  t.equal(mode(first.paths.identity), 0o600);
  t.equal(mode(first.paths.run), 0o700);
  const again = await openHome(path);
  t.equal(again.created, false);
  t.same(again.seed, first.seed);
});

t.test('of many processes that create an identity at once one wins', async (t) => {
  const path = join(t.testdir(), 'identity');
  const all = await Promise.all(Array.from({ length: 8 }, () => ensureIdentity(path)));
  t.equal(all.filter((one) => one.created).length, 1);
  for (const one of all) t.same(one.seed, all[0]!.seed);
  t.same(readdirSync(join(path, '..')), ['identity'], 'no drafts are left');
});

t.test('an identity that others can read, or that is none, is refused', async (t) => {
  const path = join(t.testdir(), 'identity');
  await ensureIdentity(path);
  chmodSync(path, 0o640);
  await t.rejects(loadIdentity(path), { code: 'IDENTITY_EXPOSED', hint: /^chmod 600 / });
  chmodSync(path, 0o600);
  for (const bad of ['', 'zz'.repeat(32), '00'.repeat(31), `${'00'.repeat(32)} x`]) {
    writeFileSync(path, bad);
    await t.rejects(loadIdentity(path), { code: 'IDENTITY_CORRUPT', hint: /^restore it/ });
    t.equal(readFileSync(path, 'utf8'), bad, 'it is left as it was');
  }
});

t.test('an existing file is never replaced by a created one', async (t) => {
  const path = join(t.testdir({ file: 'old' }), 'file');
  t.equal(await createFileAtomic(path, 'new'), false);
  t.equal(readFileSync(path, 'utf8'), 'old');
});

t.test('a run folder that is a link is refused', async (t) => {
  const dir = t.testdir({ real: {}, run: t.fixture('symlink', 'real') });
  await t.rejects(makePrivateFolder(join(dir, 'run')), { code: 'FOLDER_UNSAFE' });
  const open = t.testdir({ open: {} });
  chmodSync(join(open, 'open'), 0o777);
  await makePrivateFolder(join(open, 'open'));
  t.equal(mode(join(open, 'open')), 0o700, 'our own is closed to others');
});

t.test('settings are changed one by one, and broken files named', async (t) => {
  const path = join(t.testdir(), 'config.json');
  t.same(await loadConfig(path), {});
  await changeConfig(path, { network: 'home', slots: 4 });
  t.same(await changeConfig(path, { slots: undefined, where: 'any' }), {
    network: 'home',
    where: 'any',
  });
  t.same(await loadConfig(path), { network: 'home', where: 'any' });
  writeFileSync(path, '{');
  await t.rejects(loadConfig(path), { code: 'CONFIG_INVALID', message: new RegExp('config.json') });
});

t.test('state is remembered; a broken state file counts as empty', async (t) => {
  const path = join(t.testdir(), 'state.json');
  const threads = { single: 1, batch: 2, pad: false };
  await changeState(path, (state) => state.threads['machine/model'] = threads);
  await changeState(path, (state) => state.exact['00ff'] = true);
  t.match(await loadState(path), {
    threads: { 'machine/model': threads },
    exact: { '00ff': true },
  });
  await writeJson(path, {
    version: 1,
    threads: { a: { ...threads, single: -1 }, b: 'x', c: threads },
    exact: 3,
  });
  t.same(await loadState(path), { version: 1, threads: { c: threads }, exact: {}, place: null });
  writeFileSync(path, 'garbage');
  t.same(await loadState(path), { version: 1, threads: {}, exact: {}, place: null });
});

t.test('a home that was copied is told from one that was moved', async (t) => {
  const dir = t.testdir({ a: { identity: 'seed' }, b: {}, c: {} });
  const paths = (name: string) => ({
    identity: join(dir, name, 'identity'),
    state: join(dir, name, 'state.json'),
  });
  t.equal(await copiedFrom(paths('a')), null, 'never looked at');
  await rememberPlace(paths('a'));
  t.equal(await copiedFrom(paths('a')), null);
  for (const file of ['identity', 'state.json']) {
    writeFileSync(join(dir, 'b', file), readFileSync(join(dir, 'a', file)));
  }
  t.same(await copiedFrom(paths('b')), { path: paths('a').identity, still: true });
  renameSync(join(dir, 'a'), join(dir, 'c', 'moved'));
  t.equal(await copiedFrom(paths('c/moved')), null, 'it was moved');
  t.match(await copiedFrom(paths('b')), { still: false });
  await rememberPlace(paths('b'));
  t.equal(await copiedFrom(paths('b')), null, 'noted: it is where it is');
});
