import type { HomePaths } from './paths.ts';
import { readWhole } from './runtime.ts';
import { changeState, loadState, type Place } from './state.ts';

/**
 * Whether the identity of this home is a copy of another one: two nodes of one identity write two
 * logs that contradict each other.
 * @returns the other place, and whether the same identity lies there now; null: all is well
 */
export async function copiedFrom(
  paths: Pick<HomePaths, 'identity' | 'state'>,
): Promise<{ path: string; still: boolean } | null> {
  const now = await placeOf(paths.identity);
  const { place: before } = await loadState(paths.state);
  if (now === null || before === null) return null;
  if (before.path === now.path || before.inode === now.inode) return null;
  const [here, there] = await Promise.all([now.path, before.path].map(textOf));
  return { path: before.path, still: here !== null && here === there };
}

/** Takes note of where the identity is. */
export async function rememberPlace(
  paths: Pick<HomePaths, 'identity' | 'state'>,
): Promise<void> {
  const now = await placeOf(paths.identity);
  const { place } = await loadState(paths.state);
  if (now === null || (place?.path === now.path && place.inode === now.inode)) return;
  await changeState(paths.state, (state) => state.place = now);
}

async function placeOf(path: string): Promise<Place | null> {
  const { stat } = await import('node:fs/promises');
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? null : { path, inode: String(found.ino) };
}

async function textOf(path: string): Promise<string | null> {
  return await readWhole(path).then((text) => text.trim(), () => null);
}
