import { copiedFrom, type HomePaths, rememberPlace } from '../home/mod.ts';
import type { Output } from './output.ts';

/**
 * Warns of a home that is a copy: each time while the other one lies on this machine too, else once,
 * since it may have come from another machine that is gone.
 */
export async function warnOfCopy(paths: HomePaths, out: Output): Promise<void> {
  const other = await copiedFrom(paths);
  if (other?.still !== true) await rememberPlace(paths);
  if (other === null) return;
  await out.warn(
    `the identity of this home came from ${other.path}; never run both: two nodes of one identity ` +
      'write logs that contradict each other, which counts as misconduct (see nexus doctor)',
  );
}
