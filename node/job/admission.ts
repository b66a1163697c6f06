import { NexusError } from '../../feeds/base/mod.ts';
import type { Load } from '../router/mod.ts';

/** A job's place: waiting, then in a slot, until it leaves. */
export interface Ticket {
  /** Jobs that are served before it; 0 once it has a slot. */
  readonly position: number;
  /** True while another requester waits for a slot. */
  readonly wanted: boolean;
  /** Resolves when it has a slot. */
  readonly ready: Promise<void>;
  /** Frees the slot or the place in the queue. */
  leave(): void;
}

/** Bounds of one model's queue. */
export interface AdmissionLimits {
  slots: number;
  queueLimit: number;
  queuePerPeer: number;
}

interface Waiting {
  peer: string;
  position: number;
  start: () => void;
  moved: (position: number) => void;
}

/**
 * Slots and a bounded queue. Requesters take turns: one with many jobs does not keep another one
 * waiting for more than one of them.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  /** Requesters whose turn is next come first; each has at least one job waiting. */
  #turns: { peer: string; jobs: Waiting[] }[] = [];
  #active = 0;
  #queued = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get load(): Load {
    const { slots, queueLimit } = this.#limits;
    return { active: this.#active, queued: this.#queued, slots, queueLimit };
  }

  /**
   * Takes a job in.
   * @param moved called with the new position while it waits
   * @throws {NexusError} `FULL`
   */
  enter(peer: string, moved: (position: number) => void): Ticket {
    const { slots, queueLimit, queuePerPeer } = this.#limits;
    if (this.#active < slots) return this.#begin(peer);
    const turn = this.#turns.find((t) => t.peer === peer);
    if (this.#queued >= queueLimit || (turn?.jobs.length ?? 0) >= queuePerPeer) {
      throw new NexusError('FULL', `${this.#active} jobs run and ${this.#queued} wait`, {
        hint: 'ask another node, or ask again in a moment',
        stage: 'admission',
      });
    }
    return this.#wait(peer, moved);
  }

  #begin(peer: string): Ticket {
    this.#active++;
    const wanted = () => this.#wanted(peer);
    return {
      get wanted() {
        return wanted();
      },
      position: 0,
      ready: Promise.resolve(),
      leave: this.#leaver(),
    };
  }

  #wait(peer: string, moved: (position: number) => void): Ticket {
    let leave: (() => void) | null = null;
    let start = (): void => {};
    const ready = new Promise<void>((resolve) => start = resolve);
    const job: Waiting = {
      peer,
      position: 0,
      moved,
      start: () => {
        leave = this.#leaver();
        start();
      },
    };
    const turn = this.#turns.find((t) => t.peer === peer);
    if (turn === undefined) this.#turns.push({ peer, jobs: [job] });
    else turn.jobs.push(job);
    this.#queued++;
    job.position = this.#ahead(job);
    const wanted = () => this.#wanted(peer);
    return {
      get wanted() {
        return wanted();
      },
      get position() {
        return job.position;
      },
      ready,
      leave: () => {
        if (leave === null) this.#remove(job);
        else leave();
      },
    };
  }

  #wanted(by: string): boolean {
    return this.#turns.some(({ peer }) => peer !== by);
  }

  #leaver(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#active--;
      this.#next();
    };
  }

  #next(): void {
    while (this.#active < this.#limits.slots && this.#turns.length > 0) {
      const turn = this.#turns.shift()!;
      const job = turn.jobs.shift()!;
      if (turn.jobs.length > 0) this.#turns.push(turn);
      this.#queued--;
      this.#active++;
      job.position = 0;
      job.start();
    }
    this.#announce();
  }

  #remove(job: Waiting): void {
    const turn = this.#turns.find((t) => t.peer === job.peer);
    const at = turn?.jobs.indexOf(job) ?? -1;
    if (turn === undefined || at < 0) return;
    turn.jobs.splice(at, 1);
    this.#queued--;
    if (turn.jobs.length === 0) this.#turns = this.#turns.filter((t) => t !== turn);
    this.#announce();
  }

  #announce(): void {
    for (const turn of this.#turns) {
      for (const job of turn.jobs) {
        const position = this.#ahead(job);
        if (position === job.position) continue;
        job.position = position;
        job.moved(position);
      }
    }
  }

  /** One more than the jobs that get a slot before this one: it waits for at least one to end. */
  #ahead(job: Waiting): number {
    const mine = this.#turns.findIndex((t) => t.peer === job.peer);
    const at = this.#turns[mine]!.jobs.indexOf(job);
    let ahead = 1 + at;
    for (const [i, turn] of this.#turns.entries()) {
      if (i !== mine) ahead += Math.min(turn.jobs.length, at + (i < mine ? 1 : 0));
    }
    return ahead;
  }
}
