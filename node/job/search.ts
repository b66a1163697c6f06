import { counted, messageOf, NexusError, toHex } from '../../feeds/base/mod.ts';
import { rank, type Ranked, type Ranking, type RouteRequest, type Where } from '../router/mod.ts';
import { pause } from './clock.ts';
import type { RequesterDeps } from './deps.ts';
import type { Job } from './offer.ts';
import { spendingOn } from './purse.ts';
import { JOB_VERSION } from './wire.ts';

/** Refusals and failures after which an executor may be asked again. */
const PASSING = new Set([
  'FULL',
  'DRAINING',
  'NO_OFFER',
  'NOT_READY',
  'PEER_LOST',
  'PEER_SILENT',
  'REQUESTER_SLOW',
]);

/** A choice, and what it was chosen from. */
export interface Choice {
  chosen: Ranked;
  ranking: Ranking;
}

/**
 * Looks for the next executor: everybody is asked at most once a round; rounds go on, with growing
 * pauses, until the time is up. Whoever is no good for this job is not asked again.
 */
export class Search {
  readonly #deps: Required<RequesterDeps>;
  readonly #job: Job;
  readonly #where: Where;
  readonly #start: number;
  readonly #never: Map<string, string>;
  #round = new Map<string, string>();
  #rounds = 0;
  #since: number;
  #busy = false;
  #taken = false;
  /** What went wrong since the last progress, the root cause first. */
  readonly failures: { peer: string; error: NexusError }[] = [];

  constructor(
    deps: Required<RequesterDeps>,
    job: Job,
    where: Where,
    exclude: ReadonlyMap<string, string>,
  ) {
    this.#deps = deps;
    this.#job = job;
    this.#where = where;
    this.#never = new Map(exclude);
    this.#start = this.#since = deps.clock.tick();
  }

  /** An executor took the job. */
  taken(): void {
    this.#taken = true;
  }

  /** Tokens came: the time for looking around starts anew. */
  progress(): void {
    this.failures.length = 0;
    this.#round.clear();
    this.#rounds = 0;
    this.#busy = false;
  }

  /** An executor is out: for this round, or for good. */
  failed(executor: Uint8Array, error: NexusError, refused: boolean): void {
    const peer = toHex(executor);
    if (this.failures.length === 0) this.#since = this.#deps.clock.tick();
    if (this.failures.length < 64) this.failures.push({ peer, error });
    const passing = PASSING.has(error.code) || error.code.endsWith('_LATE') ||
      error.code.startsWith('ENGINE_') || error.stage === 'connect' ||
      (!refused && !error.code.startsWith('BAD_') && !error.code.startsWith('UNKNOWN_'));
    if (error.code === 'FULL') this.#busy = true;
    (passing ? this.#round : this.#never).set(peer, `${error.code}: ${error.message}`);
  }

  /**
   * The next executor to ask.
   * @param done output tokens that are there
   * @param cls class of the attempt before, null for the first
   * @returns null if there is nobody, or `signal` aborted
   */
  async next(done: number, cls: Uint8Array | null, signal: AbortSignal): Promise<Choice | null> {
    const { rules, clock } = this.#deps;
    while (!signal.aborted) {
      const ranking = await this.#rank(done, cls, this.#round);
      const chosen = this.#pick(ranking);
      if (chosen !== null) return { chosen, ranking };
      const busy = this.#busy || ranking.rejected.some((r) => r.code === 'FULL');
      // Nobody was ever there, or nobody who is may be asked again: waiting changes nothing.
      const hope = this.#round.size > 0 || busy || this.#taken;
      const left = this.#since + (busy ? rules.busyMs : rules.retryMs) - clock.tick();
      if (!hope || left <= 0) return null;
      const ms = rules.pauseMs * Math.min(8, 2 ** this.#rounds++);
      await pause(clock, Math.min(left, ms * (0.5 + this.#deps.random())), signal);
      this.#round.clear();
    }
    return null;
  }

  async #rank(
    done: number,
    cls: Uint8Array | null,
    tried: ReadonlyMap<string, string>,
  ): Promise<Ranking> {
    const { candidates, stats, clock, random, rules } = this.#deps;
    const { profile, prompt, sampling, priceCap } = this.#job;
    const tokens = prompt.length + done;
    const offered = await candidates(profile, prompt);
    const at = clock.tick();
    const request: RouteRequest = {
      profile,
      promptTokens: tokens,
      maxTokens: sampling.maxTokens - done,
      priceCap,
      where: this.#where,
      version: JOB_VERSION,
      excluded: new Map([...this.#never, ...tried]),
      class: cls,
      unpaid: this.#unpaid(done)?.message ?? null,
    };
    const known = offered.map((o) => stats.measured(o, tokens, at));
    return rank(known, request, random, rules.router);
  }

  /** Why nobody else can be paid for the rest; null where somebody can. */
  #unpaid(done: number): NexusError | null {
    if (this.#where === 'local') return null;
    // No attempt has this number: nothing that is set aside already is meant.
    return this.#deps.purse.refuse(spendingOn(this.#job, 2 ** 32, done));
  }

  #pick({ order }: Ranking): Ranked | null {
    const { rules, clock } = this.#deps;
    const first = order[0] ?? null;
    if (this.#where !== 'any' || this.#taken || first?.candidate.isLocal) return first;
    if (clock.tick() - this.#start < rules.meshMs) return first;
    return order.find((r) => r.candidate.isLocal) ?? first;
  }

  /** Why nobody is left, root cause first. `rejected`: of the last look around. */
  async nobody(done: number, cls: Uint8Array | null): Promise<NexusError> {
    const unpaid = this.#unpaid(done);
    if (unpaid !== null && this.failures.length === 0) return unpaid;
    const list = this.failures.map(({ peer, error }) => line(peer, error.code, error.message));
    let advice = 'check with `nexus peers` who is connected, or run with `--where any`';
    try {
      const { rejected } = await this.#rank(done, cls, new Map());
      for (const { candidate, code, message } of rejected) {
        const peer = toHex(candidate.executor);
        if (code === 'PRICE') advice = 'allow a higher price of a token: nexus run --price-cap';
        if (code !== 'EXCLUDED' && code !== 'OTHER_PROFILE') list.push(line(peer, code, message));
      }
    } catch (thrown) {
      list.push(messageOf(thrown));
    }
    const shown = [...new Set(list)].slice(0, 8);
    const root = this.failures[0];
    const tokens = counted(done, 'output token');
    if (!this.#taken || root === undefined) {
      const why = shown.length === 0 ? 'no node is known that serves this model' : shown.join('; ');
      return new NexusError('NOBODY_REACHABLE', `nobody could take the job: ${why}`, {
        stage: 'route',
        hint: root?.error.hint ?? advice,
        ...(root === undefined ? {} : { cause: root.error, peer: root.peer }),
      });
    }
    const { code, message, hint, stage } = root.error;
    const others = shown.slice(1);
    const rest = others.length === 0
      ? 'nobody else serves this model'
      : `nobody else could go on: ${others.join('; ')}`;
    return new NexusError(
      code,
      `${message} (node ${root.peer.slice(0, 8)}, ${stage}, after ${tokens}); ${rest}`,
      {
        peer: root.peer,
        cause: root.error,
        ...(stage === undefined ? {} : { stage }),
        ...(hint === undefined ? {} : { hint }),
      },
    );
  }
}

function line(peer: string, code: string, message: string): string {
  return `${peer.slice(0, 8)}: ${code}, ${message}`;
}
