import { asNexusError } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import type { Signer } from '../../feeds/records/mod.ts';
import type { HomePaths } from '../home/mod.ts';
import type { Network } from '../network/mod.ts';
import type { BanList } from './bans.ts';
import type { Directory } from './directory.ts';
import type { EventBus } from './events.ts';
import { type Announced, Mesh } from './mesh.ts';

/** How long a prompt waits for a mesh that has just been joined. */
const MESH_MS = 4000;

export interface PlaceOptions {
  network: Network;
  signer: Signer;
  bus: EventBus;
  directory: Directory;
  bans: BanList;
  /** Ids of the profiles served now. */
  profiles: () => Uint8Array[];
  /** False: peers do not find this node. */
  announce: boolean;
  feeds: Promise<Feeds>;
}

/** A node's place in its mesh: none before the feeds service is up, and none for a node outside. */
export class Place {
  readonly #options: PlaceOptions;
  #mesh: Mesh | null = null;
  #since = performance.now();

  constructor(options: PlaceOptions) {
    this.#options = options;
  }

  get mesh(): Mesh | null {
    return this.#mesh;
  }

  /** The network with the newest member list. */
  get network(): Network {
    return this.#mesh?.network ?? this.#options.network;
  }

  /** Joins once the feeds service is up; what goes wrong is told on the bus. */
  join(): void {
    const { feeds, network, signer, bus, directory, bans, profiles, announce } = this.#options;
    feeds.then(async (up) => {
      this.#since = performance.now();
      const self = { publicKey: signer.publicKey, sign: (m: Uint8Array) => signer.sign(m) };
      this.#mesh = new Mesh({
        feeds: up,
        network,
        self,
        directory,
        bus,
        bans,
        profiles,
        announce,
      });
      // With the service all peers are lost: the time for finding somebody begins anew.
      bus.on(({ event }) => {
        if (event === 'feeds') this.#since = performance.now();
      });
      await this.#mesh.join();
    }).catch((thrown) => bus.emit('error', { ...asNexusError(thrown).toJSON() }));
  }

  /** Somebody to ask, or the time for finding somebody is over, or there is no network. */
  async ready(): Promise<void> {
    const { feeds, directory, bus } = this.#options;
    await feeds.catch(() => {});
    const left = this.#since + MESH_MS - performance.now();
    if (directory.offerings().length > 0 || left <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const off = bus.on(({ event, state }) => {
      if (event === 'capability' && directory.offerings().length > 0) resolve();
      if (event === 'network' && state === 'offline') resolve();
    });
    const timer = setTimeout(resolve, left);
    if (this.#mesh?.state.state === 'offline') resolve();
    await promise;
    clearTimeout(timer);
    off();
  }

  /** How joining went. */
  async announced(): Promise<Announced> {
    await this.#options.feeds;
    return await (this.#mesh?.announced ?? { announced: false, detail: 'no mesh' });
  }

  /** Looks for, and is found under, what is served now. */
  async refresh(): Promise<void> {
    await this.#mesh?.refresh();
  }

  /** Reads again what commands changed on disk: the member list. */
  async reload(paths: HomePaths): Promise<void> {
    await this.#mesh?.reload(paths);
  }
}
