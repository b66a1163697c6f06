import { join } from 'node:path';
import { readJson, writeJson } from '../home/mod.ts';

/** Networks that are remembered; the one that was told of longest ago goes first. */
const MAX_NETWORKS = 64;

/** Up to which cut a home's owner was told of a network's audits. Losing it, it is told again. */
export class ToldMemory {
  readonly #path: string;
  readonly #network: string;
  #writing: Promise<void> = Promise.resolve();

  /** @param network id, hexadecimal */
  constructor(folder: string, network: string) {
    this.#path = join(folder, 'told.json');
    this.#network = network;
  }

  /** The epoch; -1 where nothing was told yet. */
  async load(): Promise<number> {
    return (await this.#read()).get(this.#network) ?? -1;
  }

  /** Resolves when written. */
  told(epoch: number): Promise<void> {
    const write = async (): Promise<void> => {
      const epochs = await this.#read();
      epochs.delete(this.#network);
      epochs.set(this.#network, epoch);
      const told = Object.fromEntries([...epochs].slice(-MAX_NETWORKS));
      await writeJson(this.#path, { version: 1, told });
    };
    return this.#writing = this.#writing.catch(() => {}).then(write);
  }

  async #read(): Promise<Map<string, number>> {
    const file = await readJson(this.#path).catch(() => undefined);
    const { told } = (file ?? {}) as { told?: unknown };
    const entries = typeof told === 'object' && told !== null ? Object.entries(told) : [];
    return new Map(
      entries.filter((entry): entry is [string, number] =>
        /^[0-9a-f]{64}$/.test(entry[0]) && Number.isSafeInteger(entry[1])
      ),
    );
  }
}
