import t from 'tap';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/docs.ts';

/** A fresh installation: nothing is bundled yet. */
function installation(folder: string): string {
  cpSync(join(ROOT, 'feeds'), join(folder, 'feeds'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name.startsWith('.')) continue;
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  return folder;
}

/** Starts the DHT program without a socket: it ends once it is loaded. Returns what it said. */
async function start(folder: string): Promise<string> {
  const child = spawn(process.execPath, [join(folder, 'feeds/service/boot.mjs'), 'dht'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => stderr += text);
  await new Promise((resolve) => child.on('close', resolve));
  return stderr;
}

t.test('several first starts at once all find a whole program', async (t) => {
  const folder = installation(t.testdir());
  const cache = join(folder, 'node_modules/.cache/nexus');
  mkdirSync(cache, { recursive: true });
  // Listed, and gone when it is looked at: another start's unfinished file.
  symlinkSync(join(cache, 'nowhere'), join(cache, 'partial'));
  const ends = await Promise.all([1, 2, 3].map(() => start(folder)));
  for (const end of ends) t.notMatch(end, /ENOENT/);
  t.equal(readdirSync(cache).filter((name) => /^dht-[0-9a-f]+\.mjs$/.test(name)).length, 1);
});
