import { Broadcast, toHex } from '../../feeds/base/mod.ts';
import type { CoreState, FeedsEvent } from '../../feeds/client/mod.ts';
import { encodeRecord, type LogRecord } from '../../feeds/records/mod.ts';

const ZEROS = new Uint8Array(32);

/** Logs as a feeds service has them; a block that is null is not here yet. */
export class Held {
  /** What was asked for, by whom does not matter. */
  readonly reads: { core: string; start: number }[] = [];
  readonly events = new Broadcast<FeedsEvent>();
  readonly followed: string[] = [];
  readonly logs = new Map<string, { key: Uint8Array; blocks: (Uint8Array | null)[] }>();

  put(key: Uint8Array, ...records: (LogRecord | null)[]): void {
    const log = this.logs.get(toHex(key)) ?? { key, blocks: [] };
    this.logs.set(toHex(key), log);
    log.blocks.push(...records.map((record) => record && encodeRecord(record)));
    this.moved(key);
  }

  moved(key: Uint8Array): void {
    this.events.emit({ type: 'head', head: this.#state(key) });
  }

  #state(key: Uint8Array): CoreState {
    const { blocks } = this.logs.get(toHex(key))!;
    const held = blocks.filter((block) => block !== null).length;
    return { key, length: blocks.length, fork: 0, bytes: 0, held, treeHash: ZEROS };
  }

  states(): Promise<CoreState[]> {
    return Promise.resolve([...this.logs.values()].map(({ key }) => this.#state(key)));
  }

  async *read(core: Uint8Array, { start = 0, end = Infinity } = {}) {
    this.reads.push({ core: toHex(core), start });
    const { blocks } = this.logs.get(toHex(core))!;
    for (let index = start; index < Math.min(end, blocks.length); index++) {
      yield { index, value: blocks[index]! };
    }
    await Promise.resolve();
  }

  follow(cores: Uint8Array[]): Promise<void> {
    this.followed.push(...cores.map(toHex));
    return Promise.resolve();
  }
}
