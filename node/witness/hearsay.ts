import { toHex } from '../../feeds/base/mod.ts';
import { recordOf } from './record.ts';

/** Blocks of one log that are looked through at once. */
const AT_ONCE = 512;
/** Cores that are followed on the word of one log, and of all together. */
const MOST_EACH = 1024;
const MOST = 4096;

/** A log that may name others. */
export interface Hearing {
  core: Uint8Array;
  /** Whose it says to be, hexadecimal. */
  identity: string;
  length: number;
}

type Read = (core: Uint8Array, start: number, end: number) => Promise<(Uint8Array | null)[]>;

/**
 * What later witnesses' proposals name: where the first ones have gone, nobody whose word counts yet can
 * tell a newcomer which logs were theirs. It is only a hint what to look for.
 */
export class Hearsay {
  readonly #logs = new Map<string, { at: number; named: number }>();
  readonly #cores = new Set<string>();

  /** Cores that a log names and none did before. */
  async hear({ core, identity, length }: Hearing, read: Read): Promise<Uint8Array[]> {
    const key = toHex(core), log = this.#logs.get(key) ?? { at: 1, named: 0 };
    this.#logs.set(key, log);
    const found: Uint8Array[] = [];
    for (const block of await read(core, log.at, Math.min(length, log.at + AT_ONCE))) {
      if (block === null) break;
      log.at++;
      const record = recordOf(block);
      if (record?.type !== 'proposal' || toHex(record.witness) !== identity) continue;
      for (const { core } of record.heads) {
        const name = toHex(core);
        if (this.#cores.has(name) || log.named >= MOST_EACH || this.#cores.size >= MOST) continue;
        this.#cores.add(name);
        log.named++;
        found.push(core.slice());
      }
    }
    return found;
  }
}
