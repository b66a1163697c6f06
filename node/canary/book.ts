import { join } from 'node:path';
import { makePrivateFolder, readJson, remove, writeJson } from '../home/mod.ts';
import { type Canary, canaryToJson, parseCanary } from './plan.ts';

/** How far a planted job is. */
export interface Progress {
  /** Newest cut when the plan was made. */
  begun: number;
  /** Index of the plan's entry in the log; it is right once a cut covers it. */
  commit: number;
  /** Cut that covers it. */
  planned: number | null;
  /** Newest cut when the job was sent. */
  asked: number | null;
  /** Hash of the entry that commits to the answer, once a cut covers it. */
  subject: string | null;
  /** Cut in which the audit ended. */
  closed: number | null;
  revealed: boolean;
}

/** The job that is planted now. */
export interface Draft {
  canary: Canary;
  progress: Progress;
}

/** Keeps the planted job on disk (0600): a witness that was killed must still open its plan. */
export class CanaryBook {
  /** Home of the identity that asks; none while there is none. */
  readonly requester: string;
  readonly #folder: string;
  readonly #path: string;
  #saving: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, 'plan.json');
    this.requester = join(folder, 'requester');
  }

  /** What was kept; null where there is nothing, or what nobody can read any more. */
  async load(): Promise<Draft | null> {
    await remove(this.requester);
    try {
      const json = await readJson(this.#path) as
        | Record<string, Record<string, unknown>>
        | undefined;
      if (json === undefined) return null;
      return {
        canary: parseCanary(json.canary!),
        progress: json.progress as unknown as Progress,
      };
    } catch {
      await this.save(null);
      return null;
    }
  }

  /** Resolves when it is on disk; null: there is none any more. */
  save(draft: Draft | null): Promise<void> {
    const json = draft && { canary: canaryToJson(draft.canary), progress: { ...draft.progress } };
    const saving = this.#saving.then(async () => {
      if (json === null) return await remove(this.#path);
      await makePrivateFolder(this.#folder);
      await writeJson(this.#path, json);
    });
    this.#saving = saving.catch(() => {});
    return saving;
  }
}
