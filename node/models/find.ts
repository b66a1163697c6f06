import { NexusError } from '../../feeds/base/mod.ts';
import { cleanText } from '../../feeds/records/mod.ts';
import { closest } from '../home/mod.ts';
import { entryId, type ModelEntry } from './model.ts';

/** What {@link findModel} looks at. */
interface Named {
  entry: ModelEntry;
  id: string;
}

/**
 * The model of that name, or whose id begins with these 6 or more digits.
 * @throws {NexusError} `MODEL_UNKNOWN`, `MODEL_AMBIGUOUS`
 */
export function findModel<T extends Named>(models: readonly T[], nameOrId: string): T {
  const wanted = nameOrId.toLowerCase();
  const named = models.find((model) => model.entry.name === wanted);
  if (named !== undefined) return named;
  const byId = /^[0-9a-f]{6,64}$/.test(wanted) ? models.filter((m) => m.id.startsWith(wanted)) : [];
  if (byId.length === 1) return byId[0]!;
  const shown = JSON.stringify(cleanText(nameOrId, 80));
  if (byId.length > 1) {
    throw new NexusError('MODEL_AMBIGUOUS', `${byId.length} models have an id like ${shown}`, {
      hint: `give more digits, or a name: ${byId.map((m) => m.entry.name).join(', ')}`,
    });
  }
  const names = models.map((m) => m.entry.name);
  const begins = (name: string) => name.startsWith(wanted) || wanted.startsWith(name);
  const close = (wanted.length >= 3 ? names.find(begins) : undefined) ?? closest(wanted, names);
  throw new NexusError('MODEL_UNKNOWN', `there is no model ${shown} here`, {
    hint: close === undefined
      ? 'see `nexus models`; add a file with `nexus models add <file.gguf>`'
      : `did you mean ${close}?`,
  });
}

/**
 * The entry under a name that is free, or under the name that its profile already has here.
 * What the present entry knows besides the profile (title, sources, weights) stays.
 */
export function settleEntry(entry: ModelEntry, present: readonly ModelEntry[]): ModelEntry {
  const id = entryId(entry);
  const same = present.find((other) => entryId(other) === id);
  if (same !== undefined) {
    const { kvBytesPerToken } = entry;
    return { ...same, kvBytesPerToken, parameters: entry.parameters || same.parameters };
  }
  const taken = new Set(present.map((other) => other.name));
  if (!taken.has(entry.name)) return entry;
  for (let digits = 4; digits <= 12; digits++) {
    const name = `${entry.name.slice(0, 50)}-${id.slice(0, digits)}`;
    if (!taken.has(name)) return { ...entry, name };
  }
  throw new NexusError('MODEL_NAME_TAKEN', `the name ${entry.name} is taken`, {
    hint: 'give another name',
  });
}
