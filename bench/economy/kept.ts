import { appendFile, readFile } from 'node:fs/promises';
import { NexusError } from '../../feeds/base/mod.ts';
import type { Cell, Outcome } from './run.ts';

/** What histories came to, by {@link nameOf} their cells. */
export type Kept = Map<string, Outcome>;

/**
 * Histories as lines of a file, so that hours of them can be run in parts. Good for one version of
 * the rules: with others, begin a new file.
 */
export async function readKept(path: string): Promise<Kept> {
  const text = await readFile(path, 'utf8').catch((thrown) => {
    if (thrown.code === 'ENOENT') return '';
    throw thrown;
  });
  const kept: Kept = new Map();
  for (const [i, line] of text.split('\n').entries()) {
    if (line === '') continue;
    try {
      const { cell, outcome } = JSON.parse(line);
      kept.set(cell, outcome);
    } catch {
      throw new NexusError('HISTORY_BROKEN', `line ${i + 1} of ${path} is no history`, {
        hint: 'it was cut off: take that line out',
      });
    }
  }
  return kept;
}

/** Adds one to the file, whole. */
export function keep(path: string, cell: Cell, outcome: Outcome): Promise<void> {
  const line = JSON.stringify({ cell: nameOf(cell), outcome });
  return appendFile(path, `${line}\n`);
}

export function nameOf({ strategy, nodes, jobs, epochs, rate, seed }: Cell): string {
  return [strategy?.name ?? 'honest', nodes, jobs, epochs, rate, seed].join(' ');
}
