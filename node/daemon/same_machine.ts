import { readJson, writeJson } from '../home/mod.ts';
import {
  compareMachines,
  keptMachine,
  type OwnMachine,
  readKept,
  type SameMachine,
} from '../prober/mod.ts';

/**
 * Compares a measurement of this machine with the one that its home keeps. The first is kept, and another
 * machine's in its place.
 * @returns null where none was kept
 */
export async function sameMachine(
  path: string,
  measured: OwnMachine,
  at: number,
): Promise<SameMachine | null> {
  const kept = readKept(await readJson(path).catch(() => null)), now = keptMachine(measured, at);
  const same = kept && compareMachines(kept, now);
  if (same === null || !same.isSame) await writeJson(path, { ...now });
  return same;
}
