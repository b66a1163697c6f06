import { dirname } from 'node:path';
import { toHex } from '../../feeds/base/mod.ts';
import { codeOf, makeFolder, randomBytes } from './files.ts';

/** Read where something is locked: see `runtime.ts`. */
const fs = () => import('node:fs/promises');

const BEAT_MS = 1000;
/** A holder that has not touched its lock for so long is dead. */
const STALE_MS = 5000;
const POLL_MS = 100;

/**
 * Waits until this process alone holds `path`. It saves work, not data: results are moved into
 * place in one step and checked, so that even two holders would do no harm.
 */
export async function acquireLock(
  path: string,
  options: { signal: AbortSignal; onWait: () => void },
): Promise<AsyncDisposable> {
  const { readFile, rm, stat, utimes } = await fs();
  await makeFolder(dirname(path));
  const token = toHex(randomBytes(8));
  for (let waited = false; !(await create(path, token));) {
    if (!waited) options.onWait();
    waited = true;
    const found = await stat(path).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > STALE_MS) await discard(path, token);
    else await delay(POLL_MS, options.signal);
  }
  const beat = setInterval(() => {
    utimes(path, new Date(), new Date()).catch(() => {});
  }, BEAT_MS);
  beat.unref?.();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(beat);
      const held = await readFile(path, 'utf8').catch(() => '');
      if (held === token) await rm(path, { force: true });
    },
  };
}

async function create(path: string, token: string): Promise<boolean> {
  try {
    await using file = await (await fs()).open(path, 'wx', 0o600);
    await file.writeFile(token);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false;
    throw thrown;
  }
}

/** Of several that find a dead lock, one moves it away. */
async function discard(path: string, token: string): Promise<void> {
  const { rename, rm } = await fs();
  await rename(path, `${path}.${token}`).catch(() => {});
  await rm(`${path}.${token}`, { force: true });
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish, { once: true });
    function finish() {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    }
  });
}
