import { join } from 'node:path';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import { decodeRecord, encodeRecord, type VerdictRevealRecord } from '../../feeds/records/mod.ts';
import { listFolder, readText, remove, writeFileAtomic } from '../home/mod.ts';

/** Verdicts that wait to be revealed, at most: the oldest go first. */
const MAX_DRAFTS = 1024;
const NAME = /^([0-9a-f]{64})\.verdict$/;

/**
 * Verdicts that are committed to and not revealed yet, each a file (0600) of the folder, named for
 * its subject: what would be lost with the process is on disk before its commitment is in the log.
 */
export class Drafts {
  readonly #folder: string;
  readonly #drafts: Map<string, VerdictRevealRecord>;

  private constructor(folder: string, drafts: Map<string, VerdictRevealRecord>) {
    this.#folder = folder;
    this.#drafts = drafts;
  }

  /** Reads what was kept; what cannot be read is left out, and swept. */
  static async load(folder: string): Promise<Drafts> {
    const drafts = new Map<string, VerdictRevealRecord>();
    for (const name of await listFolder(folder)) {
      const subject = NAME.exec(name)?.[1];
      if (subject === undefined) continue;
      const draft = parse(await readText(join(folder, name)).catch(() => null));
      if (draft !== null && toHex(draft.subject) === subject) drafts.set(subject, draft);
      else await remove(join(folder, name));
    }
    return new Drafts(folder, drafts);
  }

  /** @param subject hexadecimal */
  get(subject: string): VerdictRevealRecord | null {
    return this.#drafts.get(subject) ?? null;
  }

  get subjects(): string[] {
    return [...this.#drafts.keys()];
  }

  /** Resolves when it is on disk. */
  async keep(draft: VerdictRevealRecord): Promise<void> {
    const subject = toHex(draft.subject);
    await writeFileAtomic(this.#path(subject), `${toHex(encodeRecord(draft))}\n`);
    this.#drafts.set(subject, draft);
    if (this.#drafts.size > MAX_DRAFTS) await this.drop(this.#drafts.keys().next().value!);
  }

  async drop(subject: string): Promise<void> {
    if (!this.#drafts.delete(subject)) return;
    await remove(this.#path(subject));
  }

  #path(subject: string): string {
    return join(this.#folder, `${subject}.verdict`);
  }
}

function parse(text: string | null): VerdictRevealRecord | null {
  try {
    const record = decodeRecord(fromHex((text ?? '').trim()));
    return record.type === 'verdictReveal' ? record : null;
  } catch {
    return null;
  }
}
