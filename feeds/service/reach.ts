import { Buffer } from 'node:buffer';
import { NexusError, toHex } from '../base/mod.ts';
import type { PeerInfo } from '../client/types.ts';
import type { Mesh } from './mesh.ts';
import type { Net } from './net.ts';
import { refusal } from './refusal.ts';
import type { Session } from './session.ts';

/** Every attempt to reach a peer has an outcome within this bound. */
const BOUND_MS = 5000;
const OFFLINE_MS = 1900;

/** States that satisfy a caller: redeeming an invitation does not need membership. */
export type Wanted = 'admitted' | 'guest';

/**
 * Connects to a peer.
 * @throws {NexusError} with peer, stage and hint: `NOT_JOINED`, `OFFLINE`, `DHT_UNREACHABLE`
 * (bootstrap, lookup), `PEER_NOT_ANNOUNCED` (lookup), `PEER_UNREACHABLE` (holepunch, handshake), a
 * refusal (admission)
 */
export async function reach(
  mesh: Mesh,
  peer: Uint8Array,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Session> {
  const good = (session: Session): boolean =>
    session.state === 'admitted' || (wanted === 'guest' && session.state === 'guest');
  const there = mesh.session(peer);
  if (there !== null) {
    if (good(there)) return there;
    const known = there.state === 'guest' ? there.refusal : null;
    if (known !== null) throw refusal(known.verdict.code, known.verdict.detail, peer, known.byUs);
  }
  const net = mesh.net;
  if (net === null) {
    throw new NexusError('NOT_JOINED', 'this node has joined no network', {
      peer: toHex(peer),
      hint: 'join a network first',
    });
  }
  const attempt = new Attempt(mesh, net, peer);
  try {
    return await attempt.run(good, wanted, signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : attempt.named(error);
  } finally {
    attempt.end();
  }
}

/** As {@link reach}, for callers that want the peer's description. */
export async function connect(
  mesh: Mesh,
  peer: Uint8Array,
  signal: AbortSignal,
): Promise<PeerInfo> {
  return (await reach(mesh, peer, 'admitted', signal)).info!;
}

class Attempt {
  readonly #mesh: Mesh;
  readonly #net: Net;
  readonly #peer: Uint8Array;
  readonly #cleanups: (() => void)[] = [];
  #lost: NexusError | null = null;
  #stage: 'bootstrap' | 'lookup' | 'holepunch' | 'handshake' | 'admission' = 'bootstrap';

  constructor(mesh: Mesh, net: Net, peer: Uint8Array) {
    this.#mesh = mesh;
    this.#net = net;
    this.#peer = peer;
  }

  end(): void {
    for (const cleanup of this.#cleanups) cleanup();
  }

  async run(
    good: (session: Session) => boolean,
    wanted: Wanted,
    signal: AbortSignal,
  ): Promise<Session> {
    const started = performance.now();
    await this.#net.bootstrapped(OFFLINE_MS);
    signal.throwIfAborted();
    this.#stage = 'lookup';
    return await new Promise((resolve, reject) => {
      const name = toHex(this.#peer);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      this.#cleanups.push(this.#mesh.watch((session, error) => {
        if (session.name !== name) return;
        this.#stage = 'admission';
        if (good(session)) return resolve(session);
        const waits = wanted === 'guest' && error?.code === 'NOT_A_MEMBER' &&
          session.state !== 'ended';
        // Both sides dialled at once and one of the connections gave way, or it broke: dialled again.
        if (error?.code === 'PEER_LOST') this.#lost = error;
        else if (error !== null && !waits) reject(error);
      }));
      const left = BOUND_MS - (performance.now() - started);
      const timer = setTimeout(() => reject(this.#late()), left);
      this.#cleanups.push(() => clearTimeout(timer));
      this.#dial();
      this.#lookup().catch(reject);
    });
  }

  named(error: unknown): NexusError {
    const known = error instanceof NexusError ? error : this.#unreachable(String(error));
    const detail = {
      peer: toHex(this.#peer),
      stage: known.stage ?? this.#stage,
      cause: known.cause,
    };
    return new NexusError(
      known.code,
      known.message,
      known.hint === undefined ? detail : { ...detail, hint: known.hint },
    );
  }

  #dial(): void {
    const { swarm } = this.#net;
    const key = Buffer.from(this.#peer);
    swarm.joinPeer(key);
    this.#cleanups.push(() => swarm.leavePeer(key));
  }

  /** Finds out what a dial does not tell: whether the peer is announced at all. */
  async #lookup(): Promise<void> {
    const query = this.#net.dht.findPeer(Buffer.from(this.#peer));
    this.#cleanups.push(() => query.destroy());
    try {
      for await (const answer of query) {
        if (answer === null) continue;
        if (this.#stage === 'lookup') this.#stage = 'holepunch';
        return;
      }
    } catch {
      return; // ended with the attempt
    }
    if (this.#stage !== 'lookup' || this.#mesh.session(this.#peer) !== null) return;
    if (query.successes === 0) throw this.#net.unreachable();
    throw new NexusError(
      'PEER_NOT_ANNOUNCED',
      `peer ${toHex(this.#peer).slice(0, 16)} is not announced on the DHT`,
      { hint: 'check that it is running ("nexus up") and on the same network' },
    );
  }

  #late(): NexusError {
    const session = this.#mesh.session(this.#peer);
    if (session === null && this.#lost !== null) return this.#lost;
    if (session !== null) this.#stage = 'handshake';
    if (this.#stage === 'lookup') return this.#net.unreachable();
    return this.#unreachable(
      session === null
        ? 'it is announced, but no packet got through'
        : 'it does not answer the handshake',
    );
  }

  #unreachable(why: string): NexusError {
    return new NexusError(
      'PEER_UNREACHABLE',
      `peer ${toHex(this.#peer).slice(0, 16)} cannot be reached: ${why}`,
      { hint: 'check firewalls on both sides; both behind strict NATs cannot meet directly' },
    );
  }
}
