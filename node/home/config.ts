import { NexusError } from '../../feeds/base/mod.ts';
import type { ConfigChange } from './config_edit.ts';
import { parseConfig, parseConfigText } from './config_text.ts';
import { acquireLock } from './file_lock.ts';
import { quoted, readText, writeFileAtomic } from './files.ts';
import type { Config } from './schema.ts';

/** Far more than settings with anybody's comments take. */
const MAX_CHARS = 256 * 1024;
/** How long one writer waits for another. */
const WAIT_MS = 10_000;

/** Reads and validates a config file; none is an empty one. */
export async function loadConfig(path: string): Promise<Config> {
  return (await readConfig(path)).config;
}

/**
 * Changes some settings of a config file; `undefined` removes one. A file that has comments keeps
 * them; a missing one, or one of plain JSON, is written with an explanation of each setting.
 */
export async function changeConfig(path: string, change: ConfigChange): Promise<Config> {
  const signal = AbortSignal.timeout(WAIT_MS);
  await using _lock = await acquireLock(`${path}.lock`, { signal, onWait: () => {} });
  const { text, config } = await readConfig(path);
  const merged: Record<string, unknown> = { ...config, ...change };
  for (const key of Object.keys(merged)) if (merged[key] === undefined) delete merged[key];
  const wanted = parseConfig(merged, path);
  const { editConfig, printConfig } = await import('./config_edit.ts');
  const written = isPlain(text) ? printConfig(wanted) : editConfig(text, change);
  await parseConfigText(written, path);
  if (written !== text) await writeFileAtomic(path, written);
  return wanted;
}

async function readConfig(path: string): Promise<{ text: string; config: Config }> {
  const text = (await readText(path) ?? '').replace(/^\ufeff/, '');
  if (text.length > MAX_CHARS) {
    throw new NexusError('CONFIG_INVALID', `${path} is larger than ${MAX_CHARS} characters`, {
      hint: `settings need less; start anew: rm ${quoted(path)}`,
    });
  }
  return { text, config: text.trim() === '' ? {} : await parseConfigText(text, path) };
}

/** True where no comment is to be kept. */
function isPlain(text: string): boolean {
  if (text.trim() === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
