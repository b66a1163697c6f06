import { toHex } from '../../feeds/base/mod.ts';
import type { FingerprintFold } from '../../feeds/fingerprints/mod.ts';
import { encodeRecord } from '../../feeds/records/mod.ts';
import type { FiguresRow } from '../control/mod.ts';
import {
  type Challenged,
  Challenger,
  type ChallengerDeps,
  type ChallengeStep,
  type Order,
  PROBE_POLICY,
} from '../prober/mod.ts';
import { PrintShelf } from './print_shelf.ts';
import type { ProbingOptions } from './probing.ts';
import { challengeFrom } from './probing_challenge.ts';

/** What a node that measures others is told of itself. */
export interface ChallengingParts {
  /** Why it measures nobody now; null where it may. */
  busy: ChallengerDeps['busy'];
  prints: () => FingerprintFold | null;
  onChange: () => void;
  /** A challenge came to figures. Keys are hexadecimal. */
  onMeasured: (executor: string, profile: string, figures: FiguresRow) => void;
  /** Another way to make one. */
  challenge?: typeof challengeFrom;
}

/** Measuring others: whom the beacon drew this node for, and whom somebody here asks about. */
export class Challenging {
  readonly #options: ProbingOptions;
  readonly #parts: ChallengingParts;
  readonly #shelf: PrintShelf;
  /** Whom it measures, and when. */
  readonly challenger: Challenger;
  readonly #measured = new Map<string, FiguresRow>();

  constructor(options: ProbingOptions, parts: ChallengingParts) {
    const { node, bus } = options;
    this.#options = options;
    this.#parts = parts;
    this.#shelf = new PrintShelf(node.home.paths.fingerprints);
    this.challenger = new Challenger({
      policy: PROBE_POLICY,
      epochMs: node.network.file.rules.epochMs,
      busy: parts.busy,
      challenge: (...args) => this.#challenge(...args),
      log: (challenged) => this.#log(challenged),
      onChange: ({ at: _, ...row }, isNew) => {
        parts.onChange();
        if (isNew) bus.emit('challenge', row);
      },
      random: Math.random,
      tick: () => performance.now(),
      now: Date.now,
    });
  }

  /** What was found, by `executor:profile`. */
  get measured(): ReadonlyMap<string, FiguresRow> {
    return this.#measured;
  }

  async #challenge(
    order: Order,
    onStep: (step: ChallengeStep) => void,
    signal: AbortSignal,
  ): Promise<Challenged> {
    const options = this.#options, prints = this.#parts.prints();
    const make = this.#parts.challenge ?? challengeFrom;
    const challenged = await make(order, options, PROBE_POLICY, prints, onStep, signal);
    const { record: { prefill, decode, streams, context, runs } } = challenged;
    if (runs === 0) return challenged;
    const executor = toHex(order.executor), profile = toHex(order.profile), at = Date.now();
    const best = streams.reduce((a, b) => b.median > a.median ? b : a, { streams: 1, ...decode });
    const figures = {
      prefill: prefill.median / 1000,
      decode: decode.median / 1000,
      streams: best.streams,
      streamRate: best.median / 1000,
      context,
      at,
    };
    this.#measured.set(`${executor}:${profile}`, figures);
    this.#parts.onMeasured(executor, profile, figures);
    return challenged;
  }

  async #log(challenged: Challenged): Promise<void> {
    const { logs, bus } = this.#options;
    const { record, transcript, failure } = challenged;
    await this.#shelf.keep(transcript);
    const { index } = await logs.append('attestations', [encodeRecord(record)]);
    bus.emit('fingerprint', {
      executor: toHex(record.executor),
      profile: toHex(record.profile),
      epoch: record.beacon,
      runs: record.runs,
      prefill: record.prefill.median / 1000,
      decode: record.decode.median / 1000,
      backend: record.raw.backend,
      transcript: toHex(record.transcript),
      index,
      error: failure && failure.toJSON(),
    });
  }
}
