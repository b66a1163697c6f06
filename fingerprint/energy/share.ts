import type { Reading } from './types.ts';

/** Reading a prompt, or making tokens of one. */
export type Phase = 'prompt' | 'output';

/** Joules of one job by phase. */
export type Shares = Record<Phase, number>;

/** One job in one phase since the last reading. */
interface Stretch {
  job: number;
  phase: Phase;
  profile: string;
  from: number;
  to: number | null;
  tokens: number;
}

/**
 * Divides what a counter has grown by among the jobs that worked meanwhile. Between two readings each
 * moment belongs in equal parts to the jobs at work in it; jobs that make tokens of one profile are
 * decoded in common steps, so what is theirs together is divided by their tokens. Moments in which
 * nobody worked belong to nobody. Times are monotonic milliseconds.
 */
export class Attribution {
  readonly #jobs = new Map<number, Shares>();
  #stretches: Stretch[] = [];
  #last: Reading | null = null;
  /** No moment before this one is divided yet; null: the last reading is where it goes on. */
  #since: number | null = null;
  #next = 0;
  /** Joules of moments in which nobody worked. */
  idle = 0;

  /** True while some job works. */
  get busy(): boolean {
    return this.#stretches.some(({ to }) => to === null);
  }

  /** A job begins to read its prompt; returns its number. */
  begin(profile: string, at: number): number {
    const job = this.#next++;
    this.#jobs.set(job, { prompt: 0, output: 0 });
    this.#stretches.push({ job, phase: 'prompt', profile, from: at, to: null, tokens: 0 });
    return job;
  }

  /** A job has one token more; with the first one its prompt is read. */
  token(job: number, at: number): void {
    const open = this.#open(job);
    if (open === undefined) return;
    if (open.phase === 'output') {
      open.tokens++;
      return;
    }
    open.to = at;
    const { profile } = open;
    this.#stretches.push({ job, phase: 'output', profile, from: at, to: null, tokens: 0 });
  }

  /** A job has stopped working; what is its own is complete with the next reading. */
  end(job: number, at: number): void {
    const open = this.#open(job);
    if (open !== undefined) open.to = at;
  }

  /** What a job has taken so far; it is forgotten if `last`. */
  of(job: number, last = false): Shares {
    const shares = this.#jobs.get(job) ?? { prompt: 0, output: 0 };
    if (last) this.#jobs.delete(job);
    return shares;
  }

  /**
   * Divides what was used since the reading before. One that is not newer is left out. What began
   * before the first reading is taken to have used as much a second as what came between it and the
   * next one.
   */
  take(reading: Reading): void {
    const last = this.#last;
    if (last === null) {
      this.#last = reading;
      this.#since = Math.min(reading.at, ...this.#stretches.map(({ from }) => from));
      return;
    }
    if (reading.at <= last.at) return;
    this.#last = reading;
    const since = this.#since ?? last.at;
    this.#since = null;
    const power = (reading.joules - last.joules) / (reading.at - last.at);
    this.#divide({ at: since, joules: last.joules - power * (last.at - since) }, reading);
    this.#stretches = this.#stretches.filter(({ to }) => to === null || to > reading.at);
    for (const stretch of this.#stretches) stretch.tokens = 0;
  }

  #divide(last: Reading, now: Reading): void {
    const joules = Math.max(0, now.joules - last.joules);
    const clipped = this.#stretches.map((stretch) => ({
      stretch,
      from: Math.max(stretch.from, last.at),
      to: Math.min(stretch.to ?? now.at, now.at),
    })).filter(({ from, to }) => to > from);
    const weights = sharedTime(clipped);
    const worked = weights.reduce((sum, weight) => sum + weight, 0);
    const each = joules / (now.at - last.at);
    this.idle += Math.max(0, joules - worked * each);
    const groups = new Map<string, { joules: number; tokens: number; time: number }>();
    for (const [i, { stretch: { phase, profile, tokens } }] of clipped.entries()) {
      if (phase === 'prompt') continue;
      const group = groups.get(profile) ?? { joules: 0, tokens: 0, time: 0 };
      groups.set(profile, group);
      group.joules += weights[i]! * each;
      group.time += weights[i]!;
      group.tokens += tokens;
    }
    for (const [i, { stretch: { job, phase, profile, tokens } }] of clipped.entries()) {
      const shares = this.#jobs.get(job);
      if (shares === undefined) continue;
      const group = groups.get(profile);
      shares[phase] += phase === 'prompt' || group === undefined
        ? weights[i]! * each
        : group.joules *
          (group.tokens > 0 ? tokens / group.tokens : weights[i]! / group.time);
    }
  }

  #open(job: number): Stretch | undefined {
    return this.#stretches.find((stretch) => stretch.job === job && stretch.to === null);
  }
}

/** Milliseconds of each stretch, where a moment of n of them counts as 1/n for each. */
function sharedTime(stretches: readonly { from: number; to: number }[]): number[] {
  const times = [...new Set(stretches.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const weights = stretches.map(() => 0);
  for (let i = 1; i < times.length; i++) {
    const from = times[i - 1]!, to = times[i]!;
    const there = [...stretches.keys()].filter((s) =>
      stretches[s]!.from <= from && stretches[s]!.to >= to
    );
    for (const s of there) weights[s]! += (to - from) / there.length;
  }
  return weights;
}
