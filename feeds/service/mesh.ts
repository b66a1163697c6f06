import { NexusError, toHex } from '../base/mod.ts';
import type { FeedsEvent, JoinOptions, PeerInfo } from '../client/types.ts';
import type { SignedHead } from '../proof/mod.ts';
import type { IdentityRecord } from '../records/mod.ts';
import { decide, type Room } from './admission.ts';
import type { Channels } from './channels.ts';
import { type Control, type Hello, PEER_VERSION, type Verdict } from './control.ts';
import type { Connection, KeyPair } from './native.ts';
import { Net, type NetOptions } from './net.ts';
import { refusal } from './refusal.ts';
import { Session, type SessionHost } from './session.ts';
import { Throttle } from './throttle.ts';

/** One report of one refusal is enough for so long. */
const REPEAT_MS = 30_000;
/** News of one kind from one peer are taken at most so often. */
const NEWS_MS = 200;

export interface MeshHost {
  event(event: FeedsEvent): void;
  admitted(session: Session): void;
  heads(heads: SignedHead[]): void;
  ownHeads(): Promise<SignedHead[]>;
}

/** The network that was joined and the peers in it. */
export class Mesh implements SessionHost {
  readonly #identity: IdentityRecord;
  readonly #keyPair: KeyPair;
  readonly #options: NetOptions;
  readonly #channels: Channels;
  readonly #host: MeshHost;
  readonly #sessions = new Map<string, Session>();
  readonly #told = new Map<string, number>();
  readonly #throttle = new Throttle(NEWS_MS);
  #net: Net | null = null;
  #room: Room | null = null;
  #membership: Uint8Array | null = null;
  #announcement: Uint8Array | null = null;
  /** Who waits for the outcome of a connection. */
  readonly #watchers = new Set<(session: Session, error: NexusError | null) => void>();

  constructor(
    identity: IdentityRecord,
    keyPair: KeyPair,
    options: NetOptions,
    channels: Channels,
    host: MeshHost,
  ) {
    this.#identity = identity;
    this.#keyPair = keyPair;
    this.#options = options;
    this.#channels = channels;
    this.#host = host;
  }

  get net(): Net | null {
    return this.#net;
  }

  /** Joins, or changes members, bans and topics of what was joined. */
  join(options: JoinOptions): void {
    const members = options.members;
    this.#room = {
      network: options.network,
      members: members === null
        ? null
        : new Set([...members.map(toHex), toHex(this.#identity.publicKey)]),
      banned: new Set(options.banned.map(toHex)),
      maxPeers: options.maxPeers,
    };
    const news = options.membership !== null &&
      (this.#membership === null || toHex(this.#membership) !== toHex(options.membership));
    this.#membership = options.membership;
    if (this.#net === null) {
      this.#net = new Net(this.#keyPair, this.#options, (event) => this.#host.event(event));
      this.#net.swarm.on('connection', (connection: Connection) => this.#onconnection(connection));
      this.#net.swarm.on('error', () => {});
    }
    // Guests and refusals take connections too.
    this.#net.swarm.maxPeers = 4 * (options.maxPeers + 16);
    this.#net.want(options.topics, options.announce);
    for (const session of [...this.#sessions.values()]) session.reconsider();
    if (news) this.#broadcast({ type: 'membership', document: options.membership! });
  }

  async leave(): Promise<void> {
    const net = this.#net;
    this.#net = null;
    this.#room = null;
    for (const session of [...this.#sessions.values()]) {
      session.send({ type: 'goodbye' });
      session.drop('this node left');
    }
    await net?.close();
  }

  announce(announcement: Uint8Array): void {
    this.#announcement = announcement;
    this.#broadcast({ type: 'announcement', bytes: announcement });
  }

  /** Tells admitted peers the newest heads of the own logs. */
  async gossip(): Promise<void> {
    if (this.#sessions.size > 0) {
      this.#broadcast({ type: 'heads', heads: await this.#host.ownHeads() });
    }
  }

  /** Tells admitted peers heads of others' logs, at most eight. */
  tell(heads: SignedHead[]): void {
    this.#broadcast({ type: 'heads', heads });
  }

  session(key: Uint8Array): Session | null {
    return this.#sessions.get(toHex(key)) ?? null;
  }

  sessions(): Session[] {
    return [...this.#sessions.values()];
  }

  peers(): PeerInfo[] {
    return this.sessions().filter((one) => one.state === 'admitted').map((one) => one.info!);
  }

  /** Tells how sessions turn out until the returned function is called. */
  watch(watcher: (session: Session, error: NexusError | null) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  // What sessions ask and tell.

  hello(peer: Uint8Array): Hello {
    const room = this.#room!;
    const member = room.members === null || room.members.has(toHex(peer));
    return {
      version: PEER_VERSION,
      network: room.network,
      identity: this.#identity,
      membership: member ? this.#membership : null,
    };
  }

  decide(session: Session, hello: Hello): Verdict {
    if (this.#room === null) return { admit: 'no', code: 'OTHER_NETWORK', detail: 'it has left' };
    const others = this.sessions().filter((one) => one !== session);
    return decide(this.#room, session.key, hello, {
      admitted: others.filter((one) => one.state === 'admitted').length,
      guests: others.filter((one) => one.state === 'guest').length,
    });
  }

  changed(session: Session): void {
    this.#channels.attach(session);
    if (session.state === 'admitted') {
      this.#host.admitted(session);
      if (this.#announcement !== null) {
        session.send({ type: 'announcement', bytes: this.#announcement });
      }
      if (this.#membership !== null) {
        session.send({ type: 'membership', document: this.#membership });
      }
      void this.#host.ownHeads().then((heads) => session.send({ type: 'heads', heads }));
      this.#host.event({ type: 'peer', peer: session.info! });
    }
    for (const watcher of this.#watchers) watcher(session, null);
  }

  refused(session: Session, verdict: Exclude<Verdict, { admit: 'yes' }>, byUs: boolean): void {
    const error = refusal(verdict.code, verdict.detail, session.key, byUs);
    for (const watcher of this.#watchers) watcher(session, error);
    const now = Date.now();
    for (const [name, at] of this.#told) if (now - at > REPEAT_MS) this.#told.delete(name);
    const name = `${session.name} ${verdict.code}`;
    if (this.#told.has(name) && (verdict.admit === 'no' || !byUs)) return;
    this.#told.set(name, now);
    this.#host.event({ type: 'refused', key: session.key, error, byUs });
  }

  message(session: Session, message: Control): void {
    const key = session.key;
    // Of each kind the newest counts, and no peer can keep this process busy with them.
    const news = (task: () => void) => this.#throttle.run(`${message.type} ${session.name}`, task);
    switch (message.type) {
      case 'announcement':
        session.announcement = message.bytes;
        return news(() =>
          this.#host.event({ type: 'announcement', key, announcement: message.bytes })
        );
      case 'membership': {
        const known = this.#membership;
        if (known !== null && toHex(known) === toHex(message.document)) return;
        return news(() => this.#host.event({ type: 'membership', document: message.document }));
      }
      case 'heads':
        return news(() => this.#host.heads(message.heads));
    }
  }

  rtt(session: Session): void {
    const rttMs = session.heartbeat.rttMs!;
    this.#host.event({ type: 'rtt', key: session.key, rttMs });
  }

  ended(session: Session, reason: string): void {
    if (this.#sessions.get(session.name) === session) this.#sessions.delete(session.name);
    for (const kind of ['announcement', 'membership', 'heads']) {
      this.#throttle.forget(`${kind} ${session.name}`);
    }
    for (const watcher of this.#watchers) watcher(session, lostError(session, reason));
    if (reason.endsWith('(before admission)')) return;
    this.#host.event({ type: 'peer-lost', key: session.key, reason });
  }

  #onconnection(connection: Connection): void {
    connection.on('error', () => {});
    if (this.#room === null) return connection.destroy();
    const session = new Session(connection, this);
    session.heartbeat.onsilent(() => session.cut('silent'));
    this.#sessions.get(session.name)?.cut('replaced by a newer connection');
    this.#sessions.set(session.name, session);
  }

  #broadcast(message: Control): void {
    for (const session of this.#sessions.values()) {
      if (session.state === 'admitted') session.send(message);
    }
  }
}

function lostError(session: Session, reason: string): NexusError {
  return new NexusError('PEER_LOST', `peer ${session.name.slice(0, 16)} is gone: ${reason}`, {
    peer: session.name,
    stage: 'handshake',
    hint: "try again; look at that node's own messages if it repeats",
  });
}
