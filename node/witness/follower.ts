import { fromHex, sleep } from '../../feeds/base/mod.ts';
import {
  type Cut,
  type CutState,
  CutView,
  type Equivocation,
  type WitnessWeight,
} from '../../feeds/agreement/mod.ts';
import type { Positions } from './cursor.ts';
import { type ReadFeeds, WitnessLogs } from './logs.ts';

/** Where a follower goes on: plain data. */
export interface FollowerState {
  view: CutState;
  /** How far the witnesses' logs are in it: what comes after is to be read. */
  positions: Positions;
}

export interface FollowerOptions {
  feeds: ReadFeeds;
  /** Id of the network. */
  network: Uint8Array;
  witnesses: readonly WitnessWeight[];
  /** True: every core that a cut names is followed, so that its entries come here; default false. */
  everything?: boolean;
  /** Whether others than the first witnesses may come to certify cuts; default false. */
  elects?: boolean;
  /** Where another one was; from the first cut on if left out. */
  from?: FollowerState;
  onEquivocation?: (evidence: Equivocation) => void;
  signal: AbortSignal;
  /** Milliseconds of a clock that only goes forward. */
  tick?: () => number;
}

/** How often missing blocks are looked for anew, milliseconds. */
const LOOK_MS = 2000;

/**
 * The cuts of a network, in order, from the first on or from where it was before, each as soon as its
 * certificate is here: `for await (const cut of follower)`. It reads at its reader's pace, and ends when the signal aborts.
 */
export class CutFollower implements AsyncIterable<Cut> {
  /** What is known by now: a cut shows here when it is yielded. */
  readonly view: CutView;
  readonly #options: FollowerOptions;
  #logs: WitnessLogs | null = null;

  /** @throws {NexusError} `WITNESSES_INVALID` for a network without witnesses */
  constructor(options: FollowerOptions) {
    this.#options = options;
    const { network, witnesses, from } = options;
    this.view = new CutView({
      network,
      witnesses,
      ...(from === undefined ? {} : { from: from.view }),
    });
  }

  /** For {@link FollowerOptions.from}; {@link current} is the newest cut in it. */
  state(): FollowerState {
    const positions = this.#logs?.positions ?? this.#options.from?.positions ?? new Map();
    return { view: this.view.state(), positions };
  }

  /** The newest cut that was yielded. */
  get current(): Cut | null {
    return this.view.current;
  }

  /** Witnesses (hexadecimal) whose logs are not found yet. */
  get unfound(): string[] {
    return this.#logs?.unfound ?? this.view.quorum.keys.slice();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Cut, void, void> {
    const { feeds, signal, onEquivocation, everything = false, elects, from, tick } = this.#options;
    const { view } = this, { electorate } = view;
    const positions = from?.positions;
    const logs = new WitnessLogs({ feeds, electorate, everything, tick, from: positions, elects });
    this.#logs = logs;
    const ended = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      await logs.load();
      if (from !== undefined) {
        await logs.heard([...view.covered.keys()].map((k) => fromHex(k)), true);
      }
      while (!signal.aborted) {
        for await (const { taken } of logs.take(view)) {
          // What the view has concluded its reader gets.
          if (signal.aborted && taken.cut === null) return;
          if (taken.equivocation !== null) onEquivocation?.(taken.equivocation);
          if (taken.cut === null) continue;
          await logs.heard(taken.cut.heads.map(({ core }) => core), true);
          yield taken.cut;
        }
        await Promise.race([logs.moved(), sleep(LOOK_MS, signal), ended]);
      }
    } finally {
      logs.close();
    }
  }
}
