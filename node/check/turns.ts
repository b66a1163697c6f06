import { no } from './claim.ts';
import type { CheckRules } from './limits.ts';

/** A place in the queue; leaving it lets the next one in. */
export interface Turn extends Disposable {
  /** How many are before it. */
  readonly ahead: number;
  /** Resolves when it is first. @throws the signal's reason */
  begin(signal: AbortSignal): Promise<void>;
}

interface Place {
  peer: string;
  first: PromiseWithResolvers<void>;
}

/** A bounded queue in which each peer has a bounded share. */
export class Turns {
  readonly #rules: Pick<CheckRules, 'waiting' | 'waitingPerPeer'>;
  readonly #places: Place[] = [];

  constructor(rules: Pick<CheckRules, 'waiting' | 'waitingPerPeer'>) {
    this.#rules = rules;
  }

  /** @throws {NexusError} `BUSY` */
  enter(peer: string): Turn {
    const places = this.#places;
    const { waiting, waitingPerPeer } = this.#rules;
    const own = places.filter((place) => place.peer === peer).length;
    if (places.length >= waiting || own >= waitingPerPeer) {
      const whose = own >= waitingPerPeer ? `${own} of yours wait` : `${places.length} wait`;
      throw no('BUSY', `no more checks are taken now: ${whose}`, 'ask another node');
    }
    const place: Place = { peer, first: Promise.withResolvers() };
    places.push(place);
    places[0]!.first.resolve();
    return {
      get ahead() {
        return Math.max(0, places.indexOf(place));
      },
      async begin(signal) {
        signal.throwIfAborted();
        const aborted = Promise.withResolvers<never>();
        const abort = () => aborted.reject(signal.reason);
        signal.addEventListener('abort', abort, { once: true });
        try {
          await Promise.race([place.first.promise, aborted.promise]);
        } finally {
          signal.removeEventListener('abort', abort);
        }
      },
      [Symbol.dispose]() {
        const at = places.indexOf(place);
        if (at >= 0) places.splice(at, 1);
        places[0]?.first.resolve();
      },
    };
  }
}
