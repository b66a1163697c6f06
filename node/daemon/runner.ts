import { asNexusError, type ErrorJson, fromHex, NexusError } from '../../feeds/base/mod.ts';
import type { SeenHead, Signer } from '../../feeds/records/mod.ts';
import type { Engine } from '../engine/mod.ts';
import {
  type JobEvent,
  type JobRequest,
  type JobServer,
  type ReceiptParts,
  runJob,
} from '../job/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import { type Model, renderNote } from '../models/mod.ts';
import type { Kept } from '../payloads/mod.ts';
import { type Speed, type Standing, StatsBook, type Where } from '../router/mod.ts';
import { AffinityBook } from './affinity.ts';
import type { Directory } from './directory.ts';
import type { ModelEvent, ModelKeeper } from './keeper.ts';
import type { NodeLedger } from './ledger.ts';
import type { OwnLogs } from './logs.ts';
import { DEFAULT_MAX_TOKENS, type RunRequest, type VerdictRow } from '../control/mod.ts';
import { requesterDeps } from './routing.ts';
import { idOf, type ServingModels } from './serving.ts';
import type { Network } from '../network/mod.ts';
import type { Answered } from './verifying.ts';

/**
 * What a run tells: the job's own events, and those of its model before. `done` comes last, or is
 * followed by what a check of the answer found.
 */
export type RunEvent =
  | { event: 'model'; model: string; profile: string; title: string }
  | { event: 'pull'; model: string; text: string }
  | { event: 'progress'; model: string; done: number; total: number }
  | { event: 'note'; code: string; text: string }
  /** Somebody is asked to check an attempt of the answer, and how far that is. */
  | {
    event: 'check';
    attempt: number;
    executor: string;
    auditor: string;
    ahead: number;
    done: number;
    total: number;
    error: ErrorJson | null;
  }
  | ({ event: 'verdict' } & Omit<VerdictRow, 'at'>)
  | ({ event: JobEvent['type'] } & Record<string, unknown>);

/** What is left of a job for its receipt. */
export interface Finished {
  /** Id in hexadecimal. */
  job: string;
  parts: ReceiptParts;
  model: Model;
  request: RunRequest;
  text: string;
}

export interface RunnerOptions {
  engine: Engine;
  keeper: ModelKeeper;
  serving: ServingModels;
  directory: Directory;
  jobs: JobServer;
  logs: OwnLogs;
  signer: Signer;
  network: () => Network;
  heads: () => SeenHead[];
  /** Null where this node is in no mesh. */
  feeds: () => Promise<Feeds> | null;
  /** Resolves when the mesh had its time to bring peers. */
  meshReady: () => Promise<unknown>;
  /** What is known of the way to other nodes. */
  meshState: () => { state: string; detail: string } | null;
  banned: (executor: Uint8Array) => boolean;
  /** Why an executor is not asked, since checks of its answers found something; else null. */
  distrusted: (executor: Uint8Array) => string | null;
  standing: (executor: Uint8Array) => Standing | null;
  speedOf: (executor: Uint8Array, profile: Uint8Array) => Speed | null;
  /** Null where there is no money. */
  ledger: NodeLedger | null;
  /** Where a prompt runs if it does not say so. */
  where: Where;
  model: string | null;
  maxTokens: number | null;
  /** Keeps what an audit of an attempt needs. */
  keepAttempt: (kept: Kept) => void;
  /** Writes the receipt; returns its path. */
  keep: (finished: Finished) => Promise<string | null>;
  /** Has an answer checked. */
  verify: (answered: Answered, signal: AbortSignal) => AsyncIterable<RunEvent>;
}

/** Answers prompts: chooses the model, gathers the candidates, runs the job, keeps the receipt. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly stats = new StatsBook();
  readonly #affinity = new AffinityBook();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  async *run(request: RunRequest, signal: AbortSignal): AsyncGenerator<RunEvent, void, void> {
    const wanted = this.#where(request);
    const told: RunEvent[] = [];
    let wake = () => {};
    const tell = (event: ModelEvent) => {
      const shown = shownModelEvent(event);
      if (shown === null) return;
      told.push(shown);
      wake();
    };
    if (wanted !== 'local') await this.#options.meshReady();
    const choosing = this.#ready(request, wanted, signal, tell);
    // The pull is told while it goes on; nothing of it piles up but notes and percentages.
    let settled = false;
    choosing.catch(() => {}).finally(() => {
      settled = true;
      wake();
    });
    while (!settled || told.length > 0) {
      const event = told.shift();
      if (event !== undefined) yield event;
      else if (!settled) await new Promise<void>((resolve) => wake = resolve);
    }
    const { model, where } = await choosing;
    if (where !== wanted) {
      const text = `nobody serves ${model.entry.name} now: this machine answers`;
      yield { event: 'note', code: 'NOBODY_SERVES', text };
    }
    const { name, title } = model.entry;
    yield { event: 'model', model: name, profile: model.id, title };
    yield* this.#job(request, where, model, signal);
  }

  #where(request: RunRequest): Where {
    const wanted = request.where ?? this.#options.where;
    if (this.#options.feeds() !== null) return wanted;
    if (wanted !== 'mesh') return 'local';
    throw new NexusError('NOBODY_REACHABLE', 'the node that runs here is in no mesh', {
      stage: 'lookup',
      hint: 'it is there for a local prompt only: try again when that has ended',
    });
  }

  /**
   * The model, with all of it in memory that the job needs to begin, and where it is to run: here if
   * it may, and nobody else is known who serves the model.
   */
  async #ready(
    request: RunRequest,
    where: Where,
    signal: AbortSignal,
    tell: (event: ModelEvent) => void,
  ): Promise<{ model: Model; where: Where }> {
    const { keeper, directory, model: preset } = this.#options;
    const name = request.model ?? preset;
    const model = await keeper.choose(name, where, signal);
    const alone = where === 'any' && directory.serving(idOf(model)).length === 0;
    if (where === 'local' || alone) {
      const served = name === null && model.state !== 'ready'
        ? await keeper.defaultWeights(signal, tell)
        : await keeper.weights(model, signal, tell);
      return { model: served.model, where: 'local' };
    }
    await keeper.vocabulary(model, signal);
    return { model, where };
  }

  async *#job(
    request: RunRequest,
    where: Where,
    model: Model,
    signal: AbortSignal,
  ): AsyncGenerator<RunEvent, void, void> {
    const { maxTokens, ledger } = this.#options;
    const profile = idOf(model);
    const job: JobRequest = {
      profile,
      contextSize: model.entry.profile.contextSize,
      messages: request.messages,
      ...(request.prompt === undefined ? {} : { prompt: request.prompt }),
      sampling: {
        tq: Math.round(request.temperature * 1024),
        pq: Math.round(request.topP * 65536),
        maxTokens: request.maxTokens ?? maxTokens ?? DEFAULT_MAX_TOKENS,
      },
      stops: request.stops,
      where,
      priceCap: request.priceCap ?? this.priceCap(profile),
      costs: ledger?.costsOf(profile) ?? null,
      parent: request.parent === null ? null : fromHex(request.parent, 32),
      signal,
      ...(request.seed === null ? {} : { nonce: fromHex(request.seed, 32) }),
    };
    let first = request.executor;
    const deps = requesterDeps(this.#options, model, {
      stats: this.stats,
      affinity: this.#affinity,
      first: () => first,
      meshReady: where === 'local' ? null : this.#options.meshReady,
    });
    for await (const event of this.#explained(runJob(job, deps))) {
      // It was asked; whoever comes next is chosen among all.
      if (event.type === 'route') first = null;
      if (event.type !== 'done') {
        const { type, ...fields } = event;
        yield { event: type, ...fields };
        continue;
      }
      const { type, receipt, ...fields } = event;
      if (receipt !== null && event.executor !== null) {
        const ids = [...receipt.prompt, ...receipt.output];
        this.#affinity.remember(fromHex(event.executor, 32), ids);
      }
      const path = receipt === null ? null : await this.#receipt(
        { job: event.job, parts: receipt, model, request, text: event.text },
        fields.warnings,
      );
      yield { event: type, ...fields, model: model.entry.name, receipt: path };
      if (request.verify && receipt !== null && fields.finish !== 'cancelled') {
        yield* this.#options.verify({ job: event.job, parts: receipt, model, where }, signal);
      }
    }
  }

  /** What to offer where nobody said, micro-NCU an output token. */
  priceCap(profile: Uint8Array): number {
    const { ledger, directory, network } = this.#options;
    if (ledger === null) return network().file.rules.maxPrice;
    return ledger.priceCap(
      profile,
      directory.serving(profile).map(({ offering }) => offering.price),
    );
  }

  /** Where nobody could be asked, the reason may lie in the network. */
  async *#explained(events: AsyncIterable<JobEvent>): AsyncGenerator<JobEvent, void, void> {
    try {
      yield* events;
    } catch (thrown) {
      const mesh = this.#options.meshState();
      const nobody = thrown instanceof NexusError && thrown.code === 'NOBODY_REACHABLE';
      if (!nobody || mesh === null || this.#options.directory.offerings().length > 0) throw thrown;
      const away = mesh.state === 'offline' || mesh.state === 'joining';
      throw new NexusError(
        'NOBODY_REACHABLE',
        away
          ? `no other node can be reached: ${mesh.detail || 'the DHT has not answered yet'}`
          : 'no peer serves this model now',
        {
          stage: away ? 'bootstrap' : 'lookup',
          hint: 'find out with `nexus doctor` and `nexus peers`, or run with --where any',
        },
      );
    }
  }

  /** A receipt that cannot be made does not undo the answer. */
  async #receipt(finished: Finished, warnings: string[]): Promise<string | null> {
    try {
      return await this.#options.keep(finished);
    } catch (thrown) {
      warnings.push(`no receipt was kept: ${asNexusError(thrown).message}`);
      return null;
    }
  }
}

/** A step of making a model ready, as people see it; null where it is nothing to them. */
export function shownModelEvent(event: ModelEvent): RunEvent | null {
  switch (event.type) {
    case 'progress': {
      const { model, done, total } = event;
      return { event: 'progress', model, done, total };
    }
    case 'pull': {
      const text = renderNote(event.model, event.note);
      return text === null ? null : { event: 'pull', model: event.model, text };
    }
    case 'fallback':
      return {
        event: 'note',
        code: event.error.code,
        text: fallbackText(event.model, event.error),
      };
  }
}

function fallbackText(model: string, error: NexusError): string {
  return `${error.message}; going on with the embedded model ${model}, which knows nothing`;
}
