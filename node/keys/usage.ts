import { messageOf, NexusError } from '../../feeds/base/mod.ts';
import { quoted, readJson, writeJson } from '../home/mod.ts';
import type { KeyUsage, UsageStore } from '../gateway/mod.ts';

/** More than keys of one day. */
const MAX_ENTRIES = 10_000;

/**
 * What keys have spent, as it is kept; null where nothing was spent yet.
 * @throws {NexusError} `USAGE_INVALID`
 */
export async function readUsage(path: string): Promise<KeyUsage | null> {
  const invalid = (what: string, cause?: unknown) =>
    new NexusError('USAGE_INVALID', `${path}: ${what}`, {
      hint: `restore it from a backup, or have all keys begin their day anew: rm ${quoted(path)}`,
      cause,
    });
  let json: unknown;
  try {
    json = await readJson(path);
  } catch (cause) {
    throw invalid(messageOf(cause), cause);
  }
  if (json === undefined) return null;
  const usage = parseUsage(json);
  if (usage === null) throw invalid('not what keys have spent');
  return usage;
}

/** Validates {@link KeyUsage}; null for anything else. */
export function parseUsage(json: unknown): KeyUsage | null {
  const { version, day, used } = (json ?? {}) as Record<string, unknown>;
  if (version !== 1 || !isWhole(day) || typeof used !== 'object' || used === null) return null;
  const entries = Object.entries(used);
  if (Array.isArray(used) || entries.length > MAX_ENTRIES) return null;
  if (!entries.every(([id, cost]) => /^[0-9a-f]{8}$/.test(id) && isWhole(cost))) return null;
  return { day, used: Object.fromEntries(entries) };
}

/** Keeps it in a file. Writes follow each other; of many at once the last one counts. */
export function fileUsage(path: string, onError: (thrown: unknown) => void): UsageStore {
  let wanted: KeyUsage | null = null, writing: Promise<void> | null = null;
  const write = async () => {
    while (wanted !== null) {
      const { day, used } = wanted;
      wanted = null;
      await writeJson(path, { version: 1, day, used }).catch(onError);
    }
    writing = null;
  };
  return {
    load: () => readUsage(path),
    save(usage) {
      wanted = usage;
      writing ??= write();
    },
    flush: () => writing ?? Promise.resolve(),
  };
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
