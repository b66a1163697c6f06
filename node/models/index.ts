import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import { makeFolder, writeAtomic } from './files.ts';
import { entryFromJson, entryToJson, type ModelEntry } from './model.ts';

const MAX_ENTRIES = 1000;

/** An entry that could not be read. */
export interface IndexProblem {
  file: string;
  error: NexusError;
}

/**
 * The entries of a model folder, one small file each: processes that add different models at once
 * need no lock, and a damaged file costs one entry.
 */
export class ModelIndex {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** All entries by name, and what could not be read. A folder that is not there is empty. */
  async read(): Promise<{ entries: Map<string, ModelEntry>; problems: IndexProblem[] }> {
    const names = await readdir(this.folder).catch(() => []);
    const entries = new Map<string, ModelEntry>();
    const problems: IndexProblem[] = [];
    for (const name of names.filter((n) => n.endsWith('.json')).sort().slice(0, MAX_ENTRIES)) {
      const file = join(this.folder, name);
      try {
        const entry = entryFromJson(JSON.parse(await readFile(file, 'utf8')));
        if (`${entry.name}.json` !== name) {
          throw new NexusError('MODEL_BAD_ENTRY', 'it is named for another model');
        }
        entries.set(entry.name, entry);
      } catch (thrown) {
        problems.push({ file, error: asNexusError(thrown, 'MODEL_BAD_ENTRY') });
      }
    }
    return { entries, problems };
  }

  async write(entry: ModelEntry): Promise<void> {
    await makeFolder(this.folder);
    await writeAtomic(this.#path(entry.name), JSON.stringify(entryToJson(entry), null, 2) + '\n');
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  #path(name: string): string {
    return join(this.folder, `${name}.json`);
  }
}
