import { existsSync } from 'node:fs';
import { messageOf, NexusError } from '../base/mod.ts';
import type { CoreState } from '../client/types.ts';
import type { SignedHead } from '../proof/mod.ts';
import { Fields } from '../wire/mod.ts';
import { storedCores } from './cores.ts';
import { signedHead } from './heads.ts';
import { coreState } from './holding.ts';
import { Corestore, Hypercore, type Store } from './native.ts';
import { type Page, readPage } from './reader.ts';
import { withStored } from './replicas.ts';

/** The logs of a store that is only read: nothing in it changes, and it may be a copy. */
export class Archive {
  readonly #store: Store;

  private constructor(store: Store) {
    this.#store = store;
  }

  /** @throws {NexusError} `STORE_MISSING`, `STORE_UNREADABLE` */
  static async open(folder: string): Promise<Archive> {
    if (!existsSync(`${folder}/CORESTORE`) || !existsSync(`${folder}/db`)) {
      throw new NexusError('STORE_MISSING', `there are no logs in ${folder}`, {
        hint: 'name the home of a node, or the folder `store` in it',
      });
    }
    const store = new Corestore(Hypercore.defaultStorage(folder, { readOnly: true }));
    try {
      await store.ready();
    } catch (cause) {
      throw new NexusError('STORE_UNREADABLE', `${folder} cannot be read: ${messageOf(cause)}`, {
        hint: 'restore the folder from a backup',
        cause,
      });
    }
    return new Archive(store);
  }

  /** The calls that the Deno side may make, validated. */
  async call(method: string, args: unknown): Promise<unknown> {
    const fields = new Fields(args ?? {});
    switch (method) {
      case 'cores':
        return await storedCores(this.#store);
      case 'states':
        return await this.states();
      case 'head':
        return await this.head(fields.bytes('core', 32));
      case 'read':
        return await this.read(
          fields.bytes('core', 32),
          fields.number('start'),
          fields.number('end'),
        );
    }
    throw new NexusError('UNKNOWN_METHOD', `an archive knows no call "${method}"`);
  }

  async states(): Promise<CoreState[]> {
    const states: CoreState[] = [];
    for (const key of await storedCores(this.#store)) {
      states.push(await withStored(this.#store, key, coreState));
    }
    return states;
  }

  head(key: Uint8Array): Promise<SignedHead> {
    return withStored(this.#store, key, signedHead);
  }

  read(key: Uint8Array, start: number, end: number): Promise<Page> {
    return withStored(this.#store, key, (core) => readPage(core, start, end));
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
