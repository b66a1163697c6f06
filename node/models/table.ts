import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { NexusError } from '../../feeds/base/mod.ts';
import { entryFromJson, type ModelEntry } from './model.ts';

/** The folder that ships with the program. */
export const SHIPPED = new URL('../../models/', import.meta.url);

/** No vocabulary of the table unpacks to more. */
const MAX_VOCABULARY_BYTES = 64 * 2 ** 20;

/** A model that the program knows from the start. */
export interface KnownModel {
  entry: ModelEntry;
  /** Path of its shipped weights: it is always there; null: it has to be fetched. */
  file: string | null;
  /** Its vocabulary file; null where it is derived from the weights. */
  vocabulary(): Promise<Uint8Array | null>;
}

/** Reads the model table, `table.json`, of a folder. */
export async function readTable(folder: URL = SHIPPED): Promise<KnownModel[]> {
  const json = JSON.parse(await readFile(new URL('table.json', folder), 'utf8'));
  if (json?.version !== 1 || !Array.isArray(json.models)) {
    throw new NexusError('MODEL_BAD_TABLE', 'the model table of this installation is damaged', {
      hint: 'install the program again',
    });
  }
  return json.models.map((model: Record<string, unknown>): KnownModel => ({
    entry: entryFromJson(model),
    file: typeof model.file === 'string' ? fileURLToPath(new URL(model.file, folder)) : null,
    async vocabulary() {
      if (typeof model.vocabulary !== 'string') return null;
      const packed = await readFile(new URL(model.vocabulary, folder));
      return new Uint8Array(gunzipSync(packed, { maxOutputLength: MAX_VOCABULARY_BYTES }));
    },
  }));
}
