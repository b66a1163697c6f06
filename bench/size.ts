import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figure } from './lib.ts';

/** What an installation takes on disk. */
export async function size(): Promise<Figure[]> {
  const folder = fileURLToPath(new URL('../node_modules', import.meta.url));
  const gigabytes = await bytesIn(folder) / 1e9;
  return [{
    name: 'node_modules',
    measured: `${gigabytes.toFixed(2)} GB`,
    goal: '<= 1.4 GB',
    met: gigabytes <= 1.4,
  }];
}

async function bytesIn(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += await bytesIn(path);
    else sum += (await lstat(path)).blocks * 512;
  }
  return sum;
}
