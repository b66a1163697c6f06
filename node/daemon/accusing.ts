import { asNexusError, equalBytes, toHex } from '../../feeds/base/mod.ts';
import type { Equivocation } from '../../feeds/agreement/mod.ts';
import type { Feeds, FeedsEvent } from '../../feeds/client/mod.ts';
import { equivocationRecord, type Evidence } from '../../feeds/ledger/mod.ts';
import { encodeRecord } from '../../feeds/records/mod.ts';
import type { BanList } from './bans.ts';
import type { EventBus } from './events.ts';
import type { NodeLedger } from './ledger.ts';
import type { OwnLogs } from './logs.ts';

/** Misdeeds that one run accuses of, at most: more are told, and others accuse too. */
const MOST = 256;

export interface AccuserOptions {
  network: Uint8Array;
  /** Identity key of this node. */
  me: Uint8Array;
  ledger: Pick<NodeLedger, 'banned' | 'reading'>;
  logs: Pick<OwnLogs, 'append'>;
  bans: Pick<BanList, 'has' | 'add'>;
  bus: EventBus;
  /** A peer was banned: connections to it are to end. */
  onBan: () => Promise<void>;
  now?: () => number;
}

/**
 * What stands alone as a proof of misconduct: whoever did it is banned here on sight, and the proof is
 * logged, once, so that everybody's ledger takes its bond. It waits until the ledger is read: somebody
 * else may have accused already.
 */
export class Accuser {
  readonly #options: AccuserOptions;
  readonly #known = new Set<string>();
  #waiting: { offender: Uint8Array; evidence: Evidence }[] = [];

  constructor(options: AccuserOptions) {
    this.#options = options;
  }

  /** Hears what the feeds service finds, until it is closed. */
  async follow(feeds: Promise<Pick<Feeds, 'events'>>): Promise<void> {
    for await (const event of (await feeds).events) this.seen(event);
  }

  /** A witness signed two messages that exclude each other. */
  voted(equivocation: Equivocation): void {
    const { witness, kind, first: { epoch, round } } = equivocation;
    this.#take(witness, { proof: 'votes', equivocation }, `${kind} ${epoch} ${round}`);
  }

  /** Takes what the feeds service found; other events are nothing to it. */
  seen(event: FeedsEvent): void {
    if (event.type !== 'misconduct' || event.evidence === null || event.offender === null) return;
    this.#take(event.offender, event.evidence, toHex(event.core));
  }

  /** The ledger is read as far as it is known: accuses of what waits. */
  async settled(): Promise<void> {
    const { ledger, network, logs, now = Date.now } = this.#options;
    const waiting = this.#waiting;
    if (waiting.length === 0 || ledger.reading) return;
    this.#waiting = [];
    const records = waiting.filter(({ offender }) => !ledger.banned(offender))
      .map(({ offender, evidence }) => equivocationRecord(network, offender, evidence, now()));
    if (records.length === 0) return;
    try {
      await logs.append('attestations', records.map(encodeRecord));
    } catch (thrown) {
      this.#waiting.push(...waiting);
      throw thrown;
    }
  }

  #take(offender: Uint8Array, evidence: Evidence, what: string): void {
    const { me, bus } = this.#options;
    const name = `${toHex(offender)} ${evidence.proof} ${what}`;
    // A copy of this very home has signed something else: others will accuse it.
    if (equalBytes(offender, me) || this.#known.has(name) || this.#known.size >= MOST) return;
    this.#known.add(name);
    this.#waiting.push({ offender: offender.slice(), evidence });
    const failed = (thrown: unknown) => bus.emit('error', { ...asNexusError(thrown).toJSON() });
    this.#ban(offender, evidence.proof).catch(failed);
    this.settled().catch(failed);
  }

  async #ban(offender: Uint8Array, proof: Evidence['proof']): Promise<void> {
    const { bans, bus, onBan } = this.#options;
    if (bans.has(offender)) return;
    await bans.add(offender);
    bus.emit('banned', { key: toHex(offender), proof });
    await onBan();
  }
}
