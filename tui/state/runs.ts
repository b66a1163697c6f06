import { joules } from './joules.ts';
import { count, type Fields, fieldsOf, hex, list, number, text } from './read.ts';
import { SUSPECT } from './happenings.ts';
import { candidateOf, end, failureOf, jobAt, keep, ownJob, reasonOf, short, step } from './jobs.ts';
import { type Job, LIMITS, type State } from './types.ts';

/** Understands one kind of event; false: it was malformed. */
export type Reader = (state: State, from: Fields, at: number) => boolean;

/** What prompts of this machine tell. */
export const RUNS: Record<string, Reader> = {
  'run-model'(state, from, at) {
    state.model = text(from.model, 80);
    const id = hex(from.job);
    if (id !== null) jobAt(state, id, at, true).model = state.model;
    return state.model !== null;
  },
  'run-route'(state, from, at) {
    const id = hex(from.job), executor = hex(from.executor);
    if (id === null || executor === null) return false;
    const job = jobAt(state, id, at, true);
    // A recording tells of everybody's jobs.
    const requester = hex(from.requester);
    job.own = requester === null || requester === state.status?.key;
    job.requester = requester;
    job.model ??= state.model;
    job.executor = executor;
    job.where = text(from.where, 8);
    job.attempt = count(from.attempt) ?? 0;
    job.chance = number(from.chance);
    job.reasons = list(from.reasons, LIMITS.reasons, reasonOf);
    job.candidates = list(from.candidates, LIMITS.candidates, candidateOf);
    if (job.endedAt === null) job.state = 'running';
    const among = job.candidates.length === 0 ? '' : `, one of ${job.candidates.length}`;
    const chance = job.chance === null ? '' : `, drawn with ${Math.round(job.chance * 100)} %`;
    step(job, at, 'offer', `to ${short(executor)}${among}${chance}`);
    return true;
  },
  'run-refused'(state, from, at) {
    const job = ownJob(state, from, at);
    const error = failureOf(from.error);
    if (job === null || error === null) return false;
    step(job, at, 'refused', `by ${short(hex(from.executor))}: ${error.message}`, true);
    return true;
  },
  'run-queued'(state, from, at) {
    const job = ownJob(state, from, at);
    if (job === null) return false;
    job.position = count(from.position);
    if (job.endedAt === null) job.state = 'queued';
    step(job, at, 'queued', `at ${short(hex(from.executor))}, place ${job.position ?? '?'}`);
    return true;
  },
  'run-rate'(state, from, at) {
    const job = ownJob(state, from, at), tokens = count(from.tokens);
    if (job === null || tokens === null) return false;
    goesOn(job, from, tokens, at);
    return true;
  },
  'run-failover'(state, from, at) {
    const job = ownJob(state, from, at);
    if (job === null) return false;
    const cause = failureOf(from.cause), to = hex(from.to);
    job.failovers++;
    state.counts.failovers++;
    const tokens = count(from.tokens) ?? job.tokens;
    job.tokens = Math.max(job.tokens, tokens);
    const next = to === null ? 'nobody yet' : short(to);
    const why = cause === null ? '' : `: ${cause.message}`;
    step(job, at, 'failover', `${short(hex(from.from))} → ${next} at ${tokens} tokens${why}`, true);
    if (to !== null) job.executor = to;
    return true;
  },
  'run-done'(state, from, at) {
    const job = ownJob(state, from, at);
    if (job === null) return false;
    const tokens = count(from.outputTokens) ?? job.tokens;
    job.model = text(from.model, 80) ?? job.model;
    job.executor = hex(from.executor) ?? job.executor;
    job.finish = text(from.finish, 16);
    job.promptTokens = count(from.promptTokens);
    job.firstTokenMs = number(from.firstTokenMs);
    job.totalMs = number(from.totalMs);
    if (job.tokens === 0 && tokens > 0 && job.firstTokenMs !== null) {
      step(job, job.startedAt + job.firstTokenMs, 'first token', `by ${short(job.executor)}`);
    }
    job.tokens = tokens;
    job.rate = number(from.tokensPerSecond) ?? job.rate;
    if (job.rates.length === 0 && job.rate !== null) keep(job.rates, job.rate, LIMITS.rates);
    job.receipt = text(from.receipt, 400);
    job.warnings = list(from.warnings, LIMITS.warnings, (one) => text(one, 200));
    step(job, at, 'done', `${tokens} tokens, ${job.finish ?? 'no reason'}`);
    if (job.receipt !== null) step(job, at, 'receipt', job.receipt);
    end(state, job, at, job.finish === 'cancelled' ? 'cancelled' : 'done');
    return true;
  },
  'run-verdict'(state, from, at) {
    const job = ownJob(state, from, at);
    if (job === null) return false;
    const finding = text(from.finding, 16) ?? '?', auditor = hex(from.auditor);
    const who = auditor === null ? 'nobody' : `by ${short(auditor)}`;
    const what = `${finding} ${who}, ${count(from.positions) ?? 0} tokens`;
    step(job, at, 'checked', what, SUSPECT.has(finding));
    return true;
  },
  'run-failed'(state, from, at) {
    const job = ownJob(state, from, at);
    if (job === null) return true; // it failed before it was a job
    const error = failureOf(from)!;
    const cancelled = error.code === 'CANCELLED';
    if (!cancelled) job.error = error;
    step(job, at, cancelled ? 'cancelled' : 'failed', error.message, !cancelled);
    end(state, job, at, cancelled ? 'cancelled' : 'failed');
    return true;
  },
};

/** What this machine tells of its work for peers. */
export const WORK: Record<string, Reader> = {
  'job-accepted'(state, from, at) {
    const id = hex(from.job);
    if (id === null) return false;
    const job = jobAt(state, id, at, false);
    job.requester = hex(from.requester);
    job.executor ??= state.status?.key ?? null;
    job.position = count(from.position);
    if (job.endedAt === null && (job.position ?? 0) > 0) job.state = 'queued';
    step(job, at, 'accepted', `here, for ${short(job.requester)}`);
    return true;
  },
  'job-rate'(state, from, at) {
    const id = hex(from.job), tokens = count(from.tokens);
    if (id === null || tokens === null) return false;
    const job = jobAt(state, id, at, false);
    job.requester ??= hex(from.requester);
    goesOn(job, from, tokens, at);
    return true;
  },
  'job-finished'(state, from, at) {
    const id = hex(from.job);
    if (id === null) return false;
    const job = jobAt(state, id, at, false);
    const tokens = count(from.tokens) ?? 0, error = failureOf(from.error);
    const finish = text(from.finish, 16);
    const paid = from.settled === true
      ? 'settled'
      : from.claimed === true
      ? 'claimed'
      : 'not settled';
    step(job, at, 'worked', `${tokens} tokens, ${finish}, ${paid}`, error !== null);
    const took = energyOf(from.energy);
    if (took !== null) step(job, at, 'energy', took);
    // Whoever asked for it tells its end himself.
    if (job.own) return true;
    finishWork(job, from, tokens);
    job.finish = finish;
    job.error = error;
    end(state, job, at, error !== null ? 'failed' : finish === 'cancelled' ? 'cancelled' : 'done');
    return true;
  },
  'job-refused'(state, from, at) {
    const error = failureOf(from.error);
    if (error === null) return false;
    const text = `an offer of ${short(hex(from.requester))} was refused: ${error.message}`;
    keep(state.happenings, { at, event: 'job-refused', text, bad: true }, LIMITS.happenings);
    return true;
  },
};

/** More of the answer is there. */
function goesOn(job: Job, from: Fields, tokens: number, at: number): void {
  if (job.endedAt !== null) return;
  job.state = 'running';
  job.position = null;
  if (job.tokens === 0 && tokens > 0) step(job, at, 'first tokens', `by ${short(job.executor)}`);
  job.tokens = Math.max(job.tokens, tokens);
  job.rate = number(from.tokensPerSecond) ?? job.rate;
  if (job.rate !== null) keep(job.rates, job.rate, LIMITS.rates);
}

function finishWork(job: Job, from: Fields, tokens: number): void {
  job.requester ??= hex(from.requester);
  job.totalMs = number(from.totalMs);
  job.tokens = Math.max(job.tokens, tokens);
  job.warnings = list(from.warnings, LIMITS.warnings, (one) => text(one, 200));
  if (job.rate === null && job.totalMs !== null && job.totalMs > 0 && tokens > 0) {
    job.rate = tokens * 1000 / job.totalMs;
    keep(job.rates, job.rate, LIMITS.rates);
  }
}

/** What decoding took, and what says so; null where nobody counted. */
function energyOf(value: unknown): string | null {
  const from = fieldsOf(value);
  const prompt = number(from?.prompt), output = number(from?.output), error = number(from?.error);
  const source = text(from?.source, 16);
  if (prompt === null || output === null || source === null || prompt < 0 || output < 0) {
    return null;
  }
  const sure = error === null ? '' : ` ±${Math.round(100 * error)} %`;
  return `${joules(prompt)} for the prompt, ${joules(output)} for the answer, ${source}${sure}`;
}
