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
  first: Promise<void>;
  begin: () => void;
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
    let begin = (): void => {};
    const first = new Promise<void>((resolve) => begin = resolve);
    const place: Place = { peer, first, begin };
    places.push(place);
    places[0]!.begin();
    return {
      get ahead() {
        return Math.max(0, places.indexOf(place));
      },
      begin: (signal) => untilAborted(first, signal),
      [Symbol.dispose]() {
        const at = places.indexOf(place);
        if (at >= 0) places.splice(at, 1);
        places[0]?.begin();
      },
    };
  }
}

function untilAborted(value: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    value.then(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
  });
}
