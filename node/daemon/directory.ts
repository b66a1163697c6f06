import { toHex } from '../../feeds/base/mod.ts';
import type { FeedsEvent, PeerInfo } from '../../feeds/client/mod.ts';
import { type AnnouncedProfile, type Announcement, decodeAnnouncement } from './announcement.ts';

/** Peers that the directory remembers; the transport admits fewer. */
const MAX_PEERS = 4096;

/** A peer as the node knows it now. */
export interface KnownPeer {
  info: PeerInfo;
  announcement: Announcement | null;
  /** When the announcement came, monotonic milliseconds. */
  heardAt: number;
  /** When it last said anything, milliseconds since 1970. */
  seenAt: number;
}

/** A profile that a peer serves. */
export interface Serving {
  peer: KnownPeer;
  offering: AnnouncedProfile;
}

/** Who is connected and what they serve, folded from the transport's events. */
export class Directory {
  readonly #peers = new Map<string, KnownPeer>();
  readonly #tick: () => number;
  readonly #now: () => number;

  constructor(
    tick: () => number = () => performance.now(),
    now: () => number = Date.now,
  ) {
    this.#tick = tick;
    this.#now = now;
  }

  get peers(): KnownPeer[] {
    return [...this.#peers.values()];
  }

  get(key: Uint8Array): KnownPeer | undefined {
    return this.#peers.get(toHex(key));
  }

  /**
   * Takes one event in.
   * @throws {NexusError} `ANNOUNCEMENT_INVALID`; the peer stays, without an announcement
   */
  apply(event: FeedsEvent): void {
    switch (event.type) {
      case 'peer': {
        if (this.#peers.size >= MAX_PEERS) return;
        const peer: KnownPeer = {
          info: event.peer,
          announcement: null,
          heardAt: 0,
          seenAt: this.#now(),
        };
        this.#peers.set(toHex(event.peer.key), peer);
        if (event.peer.announcement !== null) this.#hear(peer, event.peer.announcement);
        return;
      }
      case 'peer-lost':
        this.#peers.delete(toHex(event.key));
        return;
      case 'announcement': {
        const peer = this.get(event.key);
        if (peer !== undefined) this.#hear(peer, event.announcement);
        return;
      }
      case 'rtt': {
        const peer = this.get(event.key);
        if (peer === undefined) return;
        peer.info = { ...peer.info, rttMs: event.rttMs };
        peer.seenAt = this.#now();
        return;
      }
      case 'service':
        if (event.state === 'down') this.#peers.clear();
    }
  }

  /** True if what the peer announced is still fresh. */
  fresh(peer: KnownPeer): boolean {
    const { announcement, heardAt } = peer;
    return announcement !== null && this.#tick() - heardAt <= announcement.ttlMs;
  }

  /** Who serves a profile now. */
  serving(profileId: Uint8Array): Serving[] {
    const id = toHex(profileId);
    return this.offerings().filter(({ offering }) => toHex(offering.id) === id);
  }

  /** Everything that is served now. */
  offerings(): Serving[] {
    const live = this.peers.filter((peer) => this.fresh(peer) && !peer.announcement!.draining);
    return live.flatMap((peer) =>
      peer.announcement!.profiles.map((offering) => ({ peer, offering }))
    );
  }

  #hear(peer: KnownPeer, bytes: Uint8Array): void {
    peer.seenAt = this.#now();
    peer.announcement = null;
    peer.announcement = decodeAnnouncement(bytes);
    peer.heardAt = this.#tick();
  }
}
