import { equalBytes, messageOf, NexusError, toHex } from '../base/mod.ts';
import type { PeerInfo } from '../client/types.ts';
import type { SignedHead } from '../proof/mod.ts';
import { type IdentityRecord, verifyEd25519, verifyRecordSignature } from '../records/mod.ts';
import type { Control, Hello, Verdict } from './control.ts';
import { MAX_MEMBERSHIP } from './control.ts';
import { decodeControl, decodeHello, encodeControl, encodeHello } from './control.ts';
import { Heartbeat } from './heartbeat.ts';
import { type Connection, type Mux, type MuxChannel, Protomux, rawBytes } from './native.ts';
import { transportOf } from './transport.ts';

const CONTROL = 'nexus/peer/1';
/** A connection over which nothing comes is given up early enough for another try. */
const HANDSHAKE_MS = 2500;
/** How long a peer that is no member may stay to redeem an invitation. */
export const GUEST_MS = 15_000;
/** A membership document and a little more. */
const MAX_CONTROL = MAX_MEMBERSHIP + 16 * 1024;
/** Answers to pings come no faster than this, however many are asked for. */
const PONG_MS = 100;
/** Time for the last words to leave, and for a busy peer to read them, before a connection is cut. */
const PARTING_MS = 1_000;

/** What a session asks of the mesh and tells it. */
export interface SessionHost {
  hello(peer: Uint8Array): Hello;
  decide(session: Session, hello: Hello): Verdict;
  /** State changed to `guest` or `admitted`. */
  changed(session: Session): void;
  refused(session: Session, verdict: Exclude<Verdict, { admit: 'yes' }>, byUs: boolean): void;
  message(session: Session, message: Control): void;
  rtt(session: Session): void;
  ended(session: Session, reason: string): void;
}

export type SessionState = 'greeting' | 'guest' | 'admitted' | 'ended';

/** One connection with one peer: handshake, admission, liveness. */
export class Session {
  readonly key: Uint8Array;
  readonly name: string;
  readonly connection: Connection;
  readonly mux: Mux;
  readonly connectedAt = Date.now();
  readonly heartbeat: Heartbeat;
  state: SessionState = 'greeting';
  identity: IdentityRecord | null = null;
  announcement: Uint8Array | null = null;
  /** Newest heads that the peer vouched for, by core. */
  readonly heads = new Map<string, SignedHead>();
  readonly #host: SessionHost;
  readonly #control: MuxChannel | null;
  #hello: Hello | null = null;
  #ours: Verdict | null = null;
  #theirs: Verdict | null = null;
  #timer: ReturnType<typeof setTimeout>;
  #reason: string | null = null;
  #pongAt = -PONG_MS;

  constructor(connection: Connection, host: SessionHost) {
    this.connection = connection;
    this.key = new Uint8Array(connection.remotePublicKey);
    this.name = toHex(this.key);
    this.#host = host;
    let failure = 'the connection was closed';
    connection.on('error', (error: unknown) => failure = messageOf(error));
    connection.on('close', () => this.#end(this.#reason ?? failure));
    this.mux = Protomux.from(connection);
    this.heartbeat = new Heartbeat(
      () => connection.rawBytesRead,
      (n) => this.send({ type: 'ping', n }),
    );
    this.#timer = setTimeout(() => this.cut('no answer to the handshake'), HANDSHAKE_MS);
    this.#control = this.mux.createChannel({
      protocol: CONTROL,
      handshake: rawBytes,
      messages: [{ encoding: rawBytes, onmessage: (bytes) => this.#onmessage(bytes) }],
      onopen: (handshake) => void this.#onhello(new Uint8Array(handshake)),
      onclose: () => this.#oncontrolclosed(),
    });
    this.#control?.open(encodeHello(host.hello(this.key)));
  }

  get info(): PeerInfo | null {
    if (this.identity === null) return null;
    return {
      key: this.key,
      identity: this.identity,
      transport: transportOf(this.connection),
      rttMs: this.heartbeat.rttMs,
      announcement: this.announcement,
      connectedAt: this.connectedAt,
    };
  }

  /** Why it is not admitted, if one side has said so. */
  get refusal(): { verdict: Exclude<Verdict, { admit: 'yes' }>; byUs: boolean } | null {
    if (this.#theirs !== null && this.#theirs.admit !== 'yes') {
      return { verdict: this.#theirs, byUs: false };
    }
    return this.#ours === null || this.#ours.admit === 'yes'
      ? null
      : { verdict: this.#ours, byUs: true };
  }

  /** True if it may open channels of this protocol. */
  allows(protocol: string): boolean {
    return this.state === 'admitted' || (this.state === 'guest' && protocol === INVITE);
  }

  send(message: Control): void {
    const control = this.#control;
    if (control !== null && !control.closed) control.messages[0]!.send(encodeControl(message));
  }

  /** Decides again, after the network's members changed. */
  reconsider(): void {
    if (this.#hello === null || this.state === 'ended') return;
    const verdict = this.#host.decide(this, this.#hello);
    if (verdict.admit === this.#ours?.admit) return;
    // Guests are people with an invitation in their hand; a former member is none.
    this.#judge(
      this.state === 'admitted' && verdict.admit === 'guest'
        ? { ...verdict, admit: 'no' }
        : verdict,
    );
  }

  /** Ends the connection; what was sent before still leaves. */
  drop(reason: string): void {
    if (this.state === 'ended') return;
    this.#reason ??= reason;
    this.connection.end();
    setTimeout(() => this.connection.destroy(), PARTING_MS).unref();
    this.#end(reason);
  }

  /** Cuts a connection whose other side does not answer. */
  cut(reason: string): void {
    this.#reason ??= reason;
    this.connection.destroy();
    this.#end(reason);
  }

  async #onhello(bytes: Uint8Array): Promise<void> {
    const bad = (detail: string) => this.#judge({ admit: 'no', code: 'BAD_IDENTITY', detail });
    let hello: Hello;
    try {
      hello = decodeHello(checkSize(bytes));
    } catch (error) {
      return bad(`unreadable handshake: ${messageOf(error)}`);
    }
    if (!equalBytes(hello.identity.publicKey, this.key)) {
      return bad('the identity record belongs to another key');
    }
    if (!await verifyRecordSignature(hello.identity, verifyEd25519)) {
      return bad('the identity record is not signed by its key');
    }
    if (this.state === 'ended') return;
    this.identity = hello.identity;
    this.#hello = hello;
    this.#judge(this.#host.decide(this, hello));
    if (hello.membership !== null && this.#ours?.admit === 'yes') {
      this.#host.message(this, { type: 'membership', document: hello.membership });
    }
  }

  #judge(verdict: Verdict): void {
    if (this.state === 'ended') return;
    this.#ours = verdict;
    this.send({ type: 'verdict', verdict });
    if (verdict.admit !== 'yes') this.#host.refused(this, verdict, true);
    if (verdict.admit === 'no') return this.drop(verdict.code);
    this.#advance();
  }

  #advance(): void {
    if (this.#ours === null || this.#theirs === null || this.state === 'ended') return;
    const both = this.#ours.admit === 'yes' && this.#theirs.admit === 'yes';
    const next = both ? 'admitted' : 'guest';
    if (this.state === next || this.state === 'admitted') return;
    clearTimeout(this.#timer);
    this.state = next;
    if (next === 'guest') {
      this.#timer = setTimeout(() => this.#judge(LEFT_OVER), GUEST_MS);
    }
    this.heartbeat.start();
    this.#host.changed(this);
  }

  #onmessage(bytes: Uint8Array): void {
    let message: Control;
    try {
      message = decodeControl(checkSize(new Uint8Array(bytes)));
    } catch (error) {
      return this.drop(`a malformed message: ${messageOf(error)}`);
    }
    if (this.state === 'ended') return;
    switch (message.type) {
      case 'ping':
        return this.#pong(message.n);
      case 'pong':
        if (this.heartbeat.pong(message.n)) this.#host.rtt(this);
        return;
      case 'goodbye':
        return this.cut('goodbye');
      case 'verdict': {
        const verdict = message.verdict;
        // Said again it is no news, and who was admitted is dismissed by "no" alone.
        if (verdict.admit === this.#theirs?.admit) return;
        if (verdict.admit === 'guest' && this.state === 'admitted') return;
        this.#theirs = verdict;
        if (verdict.admit !== 'yes') this.#host.refused(this, verdict, false);
        if (verdict.admit === 'no') return this.drop(verdict.code);
        return this.#advance();
      }
      default:
        if (this.state === 'admitted') this.#host.message(this, message);
    }
  }

  /** A peer that asks and does not read must not fill our memory with answers. */
  #pong(n: number): void {
    const now = performance.now();
    if (now - this.#pongAt < PONG_MS) return;
    this.#pongAt = now;
    this.send({ type: 'pong', n });
  }

  #oncontrolclosed(): void {
    if (this.state === 'greeting' && this.#hello === null && !this.connection.destroying) {
      const detail = `it does not speak ${CONTROL}`;
      this.#host.refused(this, { admit: 'no', code: 'OTHER_VERSION', detail }, true);
    }
    this.drop('the peer ended the conversation');
  }

  #end(reason: string): void {
    if (this.state === 'ended') return;
    clearTimeout(this.#timer);
    this.heartbeat.stop();
    const before = this.state;
    this.state = 'ended';
    this.#host.ended(this, before === 'admitted' ? reason : `${reason} (before admission)`);
  }
}

function checkSize(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= MAX_CONTROL) return bytes;
  throw new NexusError('BAD_MESSAGE', `${bytes.length} bytes in one control message`);
}

export const INVITE = 'nexus/invite/1';
const LEFT_OVER: Verdict = {
  admit: 'no',
  code: 'NOT_A_MEMBER',
  detail: 'no invitation was redeemed in time',
};
