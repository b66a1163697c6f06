import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadConfig, loadIdentity, readText } from '../../node/home/mod.ts';
import { readKeys } from '../../node/keys/mod.ts';

const posix = process.platform !== 'win32';

t.test('what is no ordinary file is not waited for', { skip: !posix }, async (t) => {
  const folder = t.testdir();
  const pipe = join(folder, 'pipe'), endless = join(folder, 'endless');
  execFileSync('mkfifo', [pipe]);
  symlinkSync('/dev/zero', endless);
  mkdirSync(join(folder, 'folder'));
  for (const path of [pipe, endless, join(folder, 'folder')]) {
    await t.rejects(readText(path), { code: 'FILE_IRREGULAR', hint: /^move/ }, path);
    await t.rejects(loadConfig(path), { code: 'FILE_IRREGULAR' }, path);
  }
  chmodSync(pipe, 0o600);
  await t.rejects(readKeys(pipe), { code: 'KEYS_INVALID', message: /no ordinary file/ });
  await t.rejects(loadIdentity(pipe), { code: 'FILE_IRREGULAR' });
});
