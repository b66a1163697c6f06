import {
  asNexusError,
  Broadcast,
  equalBytes,
  NexusError,
  sleep,
  toHex,
} from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import { verifyEd25519 } from '../../feeds/records/mod.ts';
import { encodePayload } from '../audit/mod.ts';
import {
  askAuditor,
  CHECK_PROTOCOL,
  CHECK_VERSION,
  type Checked,
  type CheckProgress,
  signedOf,
} from '../check/mod.ts';
import type { VerdictRow } from '../control/mod.ts';
import type { ReceiptParts } from '../job/mod.ts';
import type { Model } from '../models/mod.ts';
import type { Network } from '../network/mod.ts';
import type { Where } from '../router/mod.ts';
import type { Checking } from './checking.ts';
import type { Directory } from './directory.ts';
import type { RunEvent } from './runner.ts';
import { idOf } from './serving.ts';
import { type Segment, segmentsOf } from './segments.ts';

/** Auditors that are asked for one attempt before this node gives up or reads it itself. */
const MAX_ASKED = 8;
/** How long after its start a node still meets its peers, and how long is waited for one then. */
const YOUNG_MS = 15_000;
const MEET_MS = 3000;
const AGAIN_MS = 100;
/** A connected peer opens a channel within this. */
const OPEN_MS = 10_000;

export interface VerifyingOptions {
  checking: Checking;
  directory: Directory;
  network: Pick<Network, 'id'>;
  /** This node's identity key. */
  self: Uint8Array;
  /** Null where this node is in no mesh. */
  feeds: () => Promise<Feeds> | null;
  /** Not to be asked to check either. */
  avoided: (peer: Uint8Array) => boolean;
  /** Loads the weights where they are on this machine; false where they are not. */
  ready: (model: Model, signal: AbortSignal) => Promise<boolean>;
  /** Keeps a verdict, and what follows from it. */
  found: (verdict: VerdictRow) => Promise<void>;
  /** Uniform in [0, 1). */
  random?: () => number;
}

/** A job that is over, with all that an auditor needs of it. */
export interface Answered {
  job: string;
  parts: ReceiptParts;
  model: Model;
  where: Where;
}

/** Somebody, and what was found. */
interface Looked {
  auditor: Uint8Array | null;
  by: VerdictRow['by'];
  checked: Checked | null;
  why: string | null;
}

/** Has the answers of this node checked at once, each attempt by a node that this one draws. */
export class Verifying {
  readonly #options: VerifyingOptions;
  readonly #random: () => number;
  readonly #since = performance.now();

  constructor(options: VerifyingOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  /** Checks one attempt after the other; a `verdict` for each that gave tokens. */
  async *verify(answered: Answered, signal: AbortSignal): AsyncGenerator<RunEvent, void, void> {
    for (const segment of segmentsOf(answered.parts)) {
      const told = new Broadcast<RunEvent>();
      const verdict = this.#verdict(answered, segment, (event) => told.emit(event), signal)
        .finally(() => told.close());
      verdict.catch(() => {}); // told below
      yield* told;
      const row = await verdict;
      await this.#options.found(row);
      const { at: _, ...fields } = row;
      yield { event: 'verdict', ...fields };
    }
  }

  async #verdict(
    answered: Answered,
    segment: Segment,
    tell: (event: RunEvent) => void,
    signal: AbortSignal,
  ): Promise<VerdictRow> {
    const since = performance.now();
    const { attempt, executor } = segment.job;
    const { auditor, by, checked, why } = await this.#look(answered, segment, tell, signal);
    return {
      job: answered.job,
      attempt,
      executor: toHex(executor),
      auditor: auditor && toHex(auditor),
      by,
      finding: checked?.finding ?? 'inconclusive',
      why: checked === null ? why : checked.why,
      positions: checked?.positions ?? 0,
      mismatches: checked?.mismatches ?? 0,
      class: checked && toHex(checked.class),
      exact: checked?.exact ?? false,
      reasons: checked?.objections ?? [],
      ms: Math.round(performance.now() - since),
      at: Date.now(),
    };
  }

  async #look(
    { model, where }: Answered,
    segment: Segment,
    tell: (event: RunEvent) => void,
    signal: AbortSignal,
  ): Promise<Looked> {
    const nobody = (why: string): Looked => ({ auditor: null, by: 'self', checked: null, why });
    const { self, ready } = this.#options;
    if (segment.ask === null) return nobody('unsigned');
    const { executor, attempt } = segment.job;
    const about = { attempt, executor: toHex(executor) };
    // A prompt that may not leave is not sent to be checked either.
    const peers = where === 'local' ? [] : await this.#peersSoon(model, executor, signal);
    for (const auditor of peers.slice(0, MAX_ASKED)) {
      const named = { event: 'check' as const, ...about, auditor: toHex(auditor) };
      const show = (progress: CheckProgress) => tell({ ...named, ...progress, error: null });
      try {
        show({ ahead: 0, done: 0, total: segment.payload.output.length });
        const checked = await this.#ask(auditor, segment, show, signal);
        return { auditor, by: 'peer', checked, why: null };
      } catch (thrown) {
        signal.throwIfAborted();
        const error = asNexusError(thrown).toJSON();
        tell({ ...named, ahead: 0, done: 0, total: 0, error });
      }
    }
    if (equalBytes(executor, self)) return nobody('own-work');
    if (!await ready(model, signal)) return nobody('no-auditor');
    const total = segment.payload.output.length;
    const checked = await this.#read(
      segment,
      (done) =>
        tell({
          event: 'check',
          ...about,
          auditor: toHex(self),
          ahead: 0,
          done,
          total,
          error: null,
        }),
      signal,
    );
    return { auditor: self, by: 'self', checked, why: null };
  }

  /** A node that has just come up for this one prompt may not have met anybody else yet. */
  async #peersSoon(model: Model, executor: Uint8Array, signal: AbortSignal): Promise<Uint8Array[]> {
    const young = this.#options.feeds() !== null && performance.now() - this.#since < YOUNG_MS;
    const until = performance.now() + (young ? MEET_MS : 0);
    for (;;) {
      const peers = this.#peers(model, executor);
      if (peers.length > 0 || performance.now() >= until) return peers;
      await sleep(AGAIN_MS, signal);
      signal.throwIfAborted();
    }
  }

  /** Those that serve the model now, in a random order. */
  #peers(model: Model, executor: Uint8Array): Uint8Array[] {
    const { directory, avoided } = this.#options;
    const peers = directory.serving(idOf(model)).map(({ peer }) => peer.info.key)
      .filter((key) => !equalBytes(key, executor) && !avoided(key));
    for (let i = peers.length - 1; i > 0; i--) {
      const j = Math.floor(this.#random() * (i + 1));
      [peers[i], peers[j]] = [peers[j]!, peers[i]!];
    }
    return peers;
  }

  async #ask(
    auditor: Uint8Array,
    { ask, payload }: Segment,
    show: (progress: CheckProgress) => void,
    signal: AbortSignal,
  ): Promise<Checked> {
    const feeds = await this.#options.feeds();
    if (feeds === null) throw new NexusError('NO_MESH', 'this node is in no mesh');
    const channel = await feeds.open(auditor, {
      protocol: CHECK_PROTOCOL,
      id: crypto.getRandomValues(new Uint8Array(32)),
      handshake: new Uint8Array([CHECK_VERSION]),
      signal: AbortSignal.any([signal, AbortSignal.timeout(OPEN_MS)]),
    });
    return await askAuditor(channel, ask!, encodePayload(payload), show, signal);
  }

  async #read(
    { ask, payload }: Segment,
    onRead: (done: number) => void,
    signal: AbortSignal,
  ): Promise<Checked> {
    const { network, self, checking } = this.#options;
    const encoded = encodePayload(payload);
    const whole = { ...ask!, payload: encoded.length };
    const context = { network: network.id, peer: self, verify: verifyEd25519 };
    return await checking.read(whole, await signedOf(whole, context), encoded, onRead, signal);
  }
}
