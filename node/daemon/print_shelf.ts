import { join } from 'node:path';
import { toHex } from '../../feeds/base/mod.ts';
import { listFolder, makePrivateFolder, remove, writeJson } from '../home/mod.ts';
import { type Transcript, transcriptHash } from '../prober/mod.ts';

/** Transcripts that are kept: the newest. */
const MOST = 256;

/** Keeps what this node's attestations stand on, each under its hash. */
export class PrintShelf {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async keep(transcript: Transcript): Promise<void> {
    await makePrivateFolder(this.#folder);
    const name = `${Date.now().toString(36)}-${toHex(transcriptHash(transcript))}.json`;
    await writeJson(join(this.#folder, name), { ...transcript });
    const names = (await listFolder(this.#folder)).filter((one) => one.endsWith('.json')).sort();
    for (const old of names.slice(0, -MOST)) await remove(join(this.#folder, old));
  }
}
