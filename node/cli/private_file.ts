import { writeFileAtomic } from '../home/mod.ts';

/** A receipt may hold the text: an older file there, and who may read it, are not kept. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const found = await Deno.stat(path).catch(() => null);
  // A device or a pipe is written to, not replaced.
  if (found === null || found.isFile) await writeFileAtomic(path, text, 0o600);
  else await Deno.writeTextFile(path, text);
}
