import { asNexusError, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Feeds, FeedsEvent } from '../../feeds/client/mod.ts';
import {
  joinOptionsOf,
  loadNetwork,
  membersOf,
  type Network,
  receiveMembers,
  serveInvites,
} from '../network/mod.ts';
import type { HomePaths } from '../home/mod.ts';
import type { Sign } from '../network/mod.ts';
import type { BanList } from './bans.ts';
import type { Directory } from './directory.ts';
import type { EventBus } from './events.ts';

/** Connections that a node keeps. */
const MAX_PEERS = 256;

export interface MeshOptions {
  feeds: Feeds;
  network: Network;
  self: { publicKey: Uint8Array; sign: Sign };
  directory: Directory;
  bus: EventBus;
  bans: BanList;
  /** Profiles on whose topics peers find this node. */
  profiles: () => Uint8Array[];
  /** False: looks up, is not found. */
  announce: boolean;
}

/** How the announcement went: what `nexus up` prints as ready. */
export interface Announced {
  announced: boolean;
  detail: string;
}

/** This node's place in a network: joined topics, admitted peers, the member list. */
export class Mesh {
  readonly #options: MeshOptions;
  readonly #announced = Promise.withResolvers<Announced>();
  #network: Network;
  /** What the transport last said of the network, for `nexus peers` and `doctor`. */
  state: { state: string; detail: string } = { state: 'joining', detail: '' };

  constructor(options: MeshOptions) {
    this.#options = options;
    this.#network = options.network;
  }

  /** Settles once the announcement has succeeded, or is known not to have. */
  get announced(): Promise<Announced> {
    return this.#announced.promise;
  }

  get network(): Network {
    return this.#network;
  }

  /** Starts looking for peers; returns at once. */
  async join(): Promise<void> {
    const { feeds, network, self, bus } = this.#options;
    this.#follow().catch((thrown) => bus.emit('error', { ...asNexusError(thrown).toJSON() }));
    serveInvites(feeds, {
      network,
      self,
      onMembers: (list) => this.#adopt(list),
      onRefused: (peer, error) =>
        bus.emit('refused', { peer: toHex(peer), byUs: true, ...error.toJSON() }),
    });
    await this.refresh();
  }

  /** Tells the transport what has changed: members, bans, profiles. */
  async refresh(): Promise<void> {
    const { feeds, profiles, announce, bans } = this.#options;
    await feeds.join(joinOptionsOf(this.#network, {
      profiles: profiles(),
      announce,
      maxPeers: MAX_PEERS,
      banned: bans.keys,
    }));
  }

  /** Reads the network from disk again. */
  async reload(paths: HomePaths): Promise<void> {
    const { members } = await loadNetwork(paths, this.#network.name);
    if (members !== null) this.#adopt(members);
  }

  async #follow(): Promise<void> {
    for await (const event of this.#options.feeds.events) {
      try {
        await this.#take(event);
      } catch (thrown) {
        this.#options.bus.emit('error', { ...asNexusError(thrown).toJSON() });
      }
    }
  }

  async #take(event: FeedsEvent): Promise<void> {
    const { bus, directory } = this.#options;
    directory.apply(event);
    switch (event.type) {
      case 'peer': {
        const { key, transport } = event.peer;
        return bus.emit('peer', { key: toHex(key), transport });
      }
      case 'peer-lost':
        return bus.emit('peer-lost', { key: toHex(event.key), reason: event.reason });
      case 'refused':
        return bus.emit('refused', {
          peer: toHex(event.key),
          byUs: event.byUs,
          ...event.error.toJSON(),
        });
      case 'unreachable': {
        const peer = event.key === null ? {} : { peer: toHex(event.key) };
        return bus.emit('unreachable', { ...event.error.toJSON(), ...peer });
      }
      case 'network': {
        this.state = { state: event.state, detail: event.detail };
        const announced = event.state === 'announced';
        // Who is not to be found has joined as soon as the network answers.
        if (event.state !== 'online' || !this.#options.announce) {
          this.#announced.resolve({ announced, detail: event.detail });
        }
        return bus.emit('network', this.state);
      }
      case 'membership':
        return await this.#receive(event.document);
      case 'service':
        return bus.emit('feeds', { state: event.state, detail: event.detail });
      case 'misconduct': {
        const { kind, detail } = event;
        return bus.emit('misconduct', { core: toHex(event.core), kind, detail });
      }
      case 'announcement': {
        const heard = directory.get(event.key)?.announcement;
        const models = heard?.profiles.map((p) => p.name) ?? [];
        return bus.emit('capability', { key: toHex(event.key), models, load: heard?.load ?? null });
      }
    }
  }

  async #receive(document: Uint8Array): Promise<void> {
    const { list, changed, equivocation } = await receiveMembers(this.#network, document);
    if (equivocation) {
      throw new NexusError('MEMBERS_EQUIVOCATION', 'the owner signed two member lists', {
        stage: 'admission',
        hint: 'ask the owner which one holds; the one that came first is used',
      });
    }
    if (changed) this.#adopt(list);
  }

  #adopt(members: Network['members']): void {
    const { bus } = this.#options;
    this.#network = { ...this.#network, members };
    bus.emit('members', { members: membersOf(this.#network)?.map(toHex) ?? [] });
    this.refresh().catch((thrown) => bus.emit('error', { ...asNexusError(thrown).toJSON() }));
  }
}
