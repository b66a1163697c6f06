import { equalBytes, NexusError } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import { type AuditRules, type Calibration, decodePayload } from '../audit/mod.ts';
import { type CalibrationEntry, calibrationFor, shippedCalibrations } from '../calibration/mod.ts';
import {
  type Ask,
  CHECK_PROTOCOL,
  type Checked,
  Checker,
  examine,
  seedOfPayload,
  type Signed,
} from '../check/mod.ts';
import type { Engine, LoadedModel } from '../engine/mod.ts';
import type { Network } from '../network/mod.ts';
import type { EventBus } from './events.ts';
import type { EngineMemory } from './memory.ts';
import { prove } from './proving.ts';
import type { ServedModel, ServingModels } from './serving.ts';

/** A node proves that it is exact before its first verdict that depends on it, within this. */
const PROVE_MS = 20_000;

export interface CheckingOptions {
  engine: Engine;
  serving: ServingModels;
  memory: EngineMemory;
  bus: EventBus;
  network: Network;
  /** This node's identity key. */
  self: Uint8Array;
  banned: (peer: Uint8Array) => boolean;
}

/** Reads answers once more: those of peers who ask for it, and one's own. */
export class Checking {
  readonly #options: CheckingOptions;
  #shipped: Promise<CalibrationEntry[]> | null = null;

  constructor(options: CheckingOptions) {
    this.#options = options;
  }

  /** Checks for peers from now on. */
  serve(feeds: Pick<Feeds, 'serve'>): void {
    const { network, self, banned, bus } = this.#options;
    const checker = new Checker({
      network: network.id,
      self,
      admit: (peer) => banned(peer) ? no('BANNED', 'this node does not work for you') : null,
      refuse: (signed) => this.#unfit(signed),
      check: (...args) => this.read(...args),
      onEvent: ({ type, ...fields }) => {
        if (type === 'checked' && 'checked' in fields) {
          const { checked, ...rest } = fields;
          const { finding, positions, mismatches, exact } = checked;
          bus.emit('check-done', { ...rest, finding, positions, mismatches, exact });
        } else if ('error' in fields) {
          bus.emit('check-refused', { requester: fields.requester, error: fields.error.toJSON() });
        }
      },
    });
    feeds.serve(CHECK_PROTOCOL, (channel) => checker.handle(channel));
  }

  /**
   * Reads and judges a transcript.
   * @throws {NexusError} `NOT_SERVED`, `TOO_LONG`, `PAYLOAD_…`, `BAD_CHECK`, `BAD_COMMITMENT`
   */
  async read(
    ask: Ask,
    signed: Signed,
    payload: Uint8Array,
    onRead: (done: number) => void,
    signal: AbortSignal,
  ): Promise<Checked> {
    const unfit = this.#unfit(signed);
    if (unfit !== null) throw unfit;
    const served = this.#options.serving.get(signed.job.profile)!;
    const decoded = decodePayload(payload, served.loaded.vocabularySize);
    const seed = seedOfPayload(ask, signed, decoded);
    const model = await this.proven(served, signed.class);
    signal.throwIfAborted();
    const rules = rulesOf(this.#options.network.file.rules);
    return await examine(
      { signed, payload: decoded, seed },
      {
        engine: this.#options.engine,
        model,
        topK: served.model.entry.profile.topK,
        calibration: await this.#calibration(signed, model, rules),
        rules,
      },
      onRead,
      signal,
    );
  }

  /** Of those that come with the program: nobody else's is believed. */
  async #calibration(
    { job: { profile }, class: executorClass }: Signed,
    model: LoadedModel,
    { alpha }: AuditRules,
  ): Promise<Calibration | null> {
    this.#shipped ??= shippedCalibrations();
    const found = calibrationFor(profile, executorClass, model.class, await this.#shipped, alpha);
    return found?.calibration ?? null;
  }

  #unfit({ job, tokens }: Signed): NexusError | null {
    const served = this.#options.serving.get(job.profile);
    if (served === undefined) {
      return no('NOT_SERVED', 'this model is not loaded here', 'ask a node that announces it');
    }
    const { contextSize } = served.loaded;
    const length = job.promptTokens + job.resumeAt + tokens;
    return length <= contextSize
      ? null
      : no('TOO_LONG', `${length} tokens, the context of the model holds ${contextSize}`);
  }

  /** Bit equality is evidence only between nodes of one class, and where it was tested. */
  async proven({ loaded }: ServedModel, executorClass: Uint8Array): Promise<LoadedModel> {
    const { engine, serving, memory, bus } = this.#options;
    const same = equalBytes(loaded.class, executorClass);
    if (!same || loaded.determinism === 'exact' || memory.isTested(loaded.class)) return loaded;
    await prove({ engine, serving, memory, bus }, loaded, PROVE_MS);
    return serving.get(loaded.profileId)?.loaded ?? loaded;
  }
}

/** A network's rules in the units of a judgement. */
function rulesOf(
  { alpha, beta, hardMargin, lifetimeAlpha }: Network['file']['rules'],
): AuditRules {
  return {
    alpha: alpha / 1e6,
    beta: beta / 1e6,
    hardMargin: hardMargin / 1000,
    lifetimeAlpha: lifetimeAlpha / 1e6,
  };
}

function no(code: string, message: string, hint?: string): NexusError {
  return new NexusError(code, message, {
    stage: 'check',
    ...(hint === undefined ? {} : { hint }),
  });
}
