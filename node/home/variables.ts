import { SETTINGS } from './schema.ts';
import { closest } from './suggest.ts';

/** Variables that are no settings, `NEXUS_NODE` and `NEXUS_LAUNCHER` between our own processes. */
const OTHERS = [
  'NEXUS_HOME',
  'NEXUS_DENO',
  'NEXUS_NODE',
  'NEXUS_LAUNCHER',
  'NEXUS_BENCH_MODEL',
  'NEXUS_BENCH_HONEST',
];

/** More are not told: one mistake may stand in a whole list. */
const MAX_TOLD = 16;

/** A variable that looks like ours and is none. */
export interface UnknownVariable {
  name: string;
  /** What was probably meant. */
  meant: string | null;
}

/** Variables named `NEXUS_…` that nothing reads. */
export function unknownVariables(env: Record<string, string | undefined>): UnknownVariable[] {
  const known = new Set([...Object.values(SETTINGS).map(({ variable }) => variable), ...OTHERS]);
  return Object.keys(env).filter((name) => name.startsWith('NEXUS_') && !known.has(name)).sort()
    .slice(0, MAX_TOLD)
    .map((name) => ({ name: name.slice(0, 80), meant: closest(name, known) ?? null }));
}
