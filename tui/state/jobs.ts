import { type Fields, fieldsOf, hex, list, number, text } from './read.ts';
import {
  type Candidate,
  type Failure,
  type Job,
  LIMITS,
  type Reason,
  type State,
  type Step,
} from './types.ts';

/** A bounded list takes one more; the oldest goes. */
export function keep<T>(items: T[], item: T, max: number): void {
  items.push(item);
  if (items.length > max) items.shift();
}

/** A key, short enough to be read and long enough to be told apart. */
export function short(key: string | null | undefined): string {
  return key ? key.slice(0, 8) : '-';
}

/** The job of that id, made if it is new; the oldest that has ended makes room. */
export function jobAt(state: State, id: string, at: number, own: boolean): Job {
  const known = state.jobs.get(id);
  if (known !== undefined) {
    known.own ||= own;
    known.at = at;
    return known;
  }
  if (state.jobs.size >= LIMITS.jobs) makeRoom(state);
  const job: Job = {
    id,
    own,
    state: 'running',
    model: null,
    executor: null,
    requester: null,
    where: null,
    chance: null,
    reasons: [],
    candidates: [],
    attempt: 0,
    position: null,
    startedAt: at,
    at,
    endedAt: null,
    firstTokenMs: null,
    totalMs: null,
    tokens: 0,
    promptTokens: null,
    rate: null,
    rates: [],
    finish: null,
    failovers: 0,
    steps: [],
    receipt: null,
    error: null,
    warnings: [],
  };
  state.jobs.set(id, job);
  return job;
}

function makeRoom(state: State): void {
  let oldest: string | null = null;
  for (const [id, job] of state.jobs) {
    oldest ??= id;
    if (job.endedAt === null) continue;
    state.jobs.delete(id);
    return;
  }
  if (oldest !== null) state.jobs.delete(oldest);
}

/** Adds a moment to a job's timeline; what is told twice stands once. */
export function step(job: Job, at: number, name: string, detail = '', bad = false): void {
  const same = (s: Step) => s.name === name && s.at === at && s.detail === detail;
  if (job.steps.slice(-4).some(same)) return;
  keep(job.steps, { at, name, detail, bad }, LIMITS.steps);
}

/** A job has come to its end. */
export function end(state: State, job: Job, at: number, how: Job['state']): void {
  if (job.endedAt !== null) return;
  job.endedAt = at;
  job.state = how;
  job.position = null;
  state.counts[how === 'failed' || how === 'lost' ? 'failed' : 'done']++;
  state.counts.tokens += job.tokens;
}

export function reasonOf(value: unknown): Reason | null {
  const from = fieldsOf(value);
  const name = text(from?.name, 24), amount = number(from?.value);
  if (from === null || name === null || amount === null) return null;
  const source = text(from.source, 12);
  return {
    name,
    unit: text(from.unit, 4) ?? '',
    value: amount,
    ...(source === null ? {} : { source }),
  };
}

export function candidateOf(value: unknown): Candidate | null {
  const from = fieldsOf(value);
  const executor = hex(from?.executor);
  if (from === null || executor === null) return null;
  const refused = fieldsOf(from.refused);
  return {
    executor,
    where: text(from.where, 8) ?? '',
    cost: number(from.cost),
    reasons: list(from.reasons, LIMITS.reasons, reasonOf),
    refused: refused === null
      ? null
      : `${text(refused.code, 32) ?? ''}: ${text(refused.message, 120) ?? ''}`,
  };
}

export function failureOf(value: unknown): Failure | null {
  const from = fieldsOf(value);
  if (from === null) return null;
  return {
    code: text(from.code, 48) ?? 'INTERNAL',
    message: text(from.message, 300) ?? 'unknown error',
    hint: text(from.hint, 200),
  };
}

/** The job that an event of this machine's prompts is about: by its id, else the newest that fits. */
export function ownJob(state: State, from: Fields, at: number): Job | null {
  const id = hex(from.job);
  if (id !== null) return jobAt(state, id, at, true);
  const executor = hex(from.executor) ?? hex(from.from);
  let found: Job | null = null;
  for (const job of state.jobs.values()) {
    if (job.own && job.endedAt === null && (executor === null || job.executor === executor)) {
      found = job;
    }
  }
  if (found !== null) found.at = at;
  return found;
}
