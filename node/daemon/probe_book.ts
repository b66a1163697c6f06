import { join } from 'node:path';
import { listFolder, makePrivateFolder, readJson, writeJson } from '../home/mod.ts';

/** Newest ids that are kept. */
const MOST = 4096;
/** Beside the transcripts, and no name of one. */
const FILE = 'probes';

/** Which of this node's jobs measured a peer and are nobody's prompt, in a file of the home; the oldest go. */
export class ProbeBook {
  readonly #folder: string;
  readonly #jobs: Set<string>;
  #writing: Promise<void> = Promise.resolve();
  #isDue = false;

  private constructor(folder: string, jobs: Iterable<string>) {
    this.#folder = folder;
    this.#jobs = new Set(jobs);
  }

  /** A home of before has no such file: there the transcripts say it. @param folder of transcripts */
  static async load(folder: string): Promise<ProbeBook> {
    const kept = await readJson(join(folder, FILE)).catch(() => undefined);
    const { version, jobs } = (kept ?? {}) as { version?: unknown; jobs?: unknown };
    const known = version === 1 && Array.isArray(jobs) ? jobs : await transcribed(folder);
    return new ProbeBook(folder, known.filter(isId).slice(-MOST));
  }

  /** @param job its id, hexadecimal */
  has(job: string): boolean {
    return this.#jobs.has(job);
  }

  /** Resolves when written; what comes meanwhile is written with it. */
  add(job: string): Promise<void> {
    this.#jobs.add(job);
    for (const oldest of this.#jobs) {
      if (this.#jobs.size <= MOST) break;
      this.#jobs.delete(oldest);
    }
    if (this.#isDue) return this.#writing;
    this.#isDue = true;
    return this.#writing = this.#writing.catch(() => {}).then(async () => {
      this.#isDue = false;
      await makePrivateFolder(this.#folder);
      await writeJson(join(this.#folder, FILE), { version: 1, jobs: [...this.#jobs] });
    });
  }
}

/** Ids in the transcripts of a folder, the oldest first. */
async function transcribed(folder: string): Promise<unknown[]> {
  const names = await listFolder(folder).catch((): string[] => []);
  const ids: unknown[] = [];
  for (const name of names.filter((one) => one.endsWith('.json')).sort()) {
    const value = await readJson(join(folder, name)).catch(() => undefined);
    const { jobs } = (value ?? {}) as { jobs?: unknown };
    if (Array.isArray(jobs)) ids.push(...jobs.map((one) => (one as { job?: unknown } | null)?.job));
  }
  return ids;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
