import { age, duration, rate, sparkline, type Tone } from '../draw/mod.ts';
import { type Job, type Reason, short } from '../state/mod.ts';
import { jobDetail } from './job.ts';
import type { Pane } from './types.ts';

/** The jobs, as they go: who was chosen, why, how fast, and what went wrong. */
export const routing: Pane<Job> = {
  id: 'routing',
  title: 'Routing',
  digit: '2',
  present: (state) => state.jobs.size > 0,
  rows: ({ state }) => [...state.jobs.values()].reverse(),
  key: (job) => job.id,
  sort: 'age',
  search: (job) =>
    [job.id, job.model, job.executor, job.requester, job.state, job.finish, job.where].join(' '),
  subject: (job) => ({
    copy: job.id,
    job: job.id,
    ...(job.own && job.executor !== null && job.where === 'mesh' ? { peer: job.executor } : {}),
  }),
  empty: 'no job yet',
  columns: [
    { id: 'job', title: 'JOB', width: 8, priority: 3, cell: (j) => short(j.id), by: (j) => j.id },
    {
      id: 'state',
      title: 'STATE',
      width: 9,
      priority: 0,
      cell: (j) => ({ text: j.state, tone: TONES[j.state] }),
      by: (j) => j.state,
    },
    {
      id: 'model',
      title: 'MODEL',
      width: 12,
      grow: 28,
      priority: 1,
      cell: (j) => j.model ?? (j.own ? '' : 'lent'),
      by: (j) => j.model,
    },
    {
      id: 'executor',
      title: 'EXECUTOR',
      width: 8,
      priority: 0,
      cell: (j, { state }) =>
        j.executor !== null && j.executor === state.status?.key
          ? { text: 'here', tone: 'bold' }
          : short(j.executor),
      by: (j) => j.executor,
    },
    {
      id: 'for',
      title: 'FOR',
      width: 8,
      priority: 5,
      cell: (j) => (j.own ? 'us' : short(j.requester)),
      by: (j) => (j.own ? '' : j.requester),
    },
    {
      id: 'queue',
      title: 'Q',
      width: 2,
      align: 'right',
      priority: 4,
      cell: (j) => (j.position === null ? '' : String(j.position)),
      by: (j) => j.position,
    },
    {
      id: 'first',
      title: 'FIRST',
      width: 7,
      align: 'right',
      priority: 2,
      cell: (j) => duration(j.firstTokenMs),
      by: (j) => j.firstTokenMs,
    },
    {
      id: 'rate',
      title: 'TOK/S',
      width: 6,
      align: 'right',
      priority: 1,
      cell: (j) => rate(j.rate),
      by: (j) => j.rate,
      descending: true,
    },
    {
      id: 'spark',
      title: 'RATE',
      width: 8,
      grow: 24,
      priority: 3,
      cell: (j, _, width) => ({ text: sparkline(j.rates, width), tone: 'accent' }),
    },
    {
      id: 'tokens',
      title: 'TOKENS',
      width: 6,
      align: 'right',
      priority: 2,
      cell: (j) => String(j.tokens),
      by: (j) => j.tokens,
      descending: true,
    },
    {
      id: 'failovers',
      title: 'FO',
      width: 2,
      align: 'right',
      priority: 3,
      cell: (j) => (j.failovers === 0 ? '' : { text: String(j.failovers), tone: 'bad' }),
      by: (j) => j.failovers,
      descending: true,
    },
    {
      id: 'age',
      title: 'AGE',
      width: 4,
      align: 'right',
      priority: 4,
      cell: (j, { now }) => age(now - j.startedAt),
      by: (j) => j.startedAt,
      descending: true,
    },
    {
      id: 'why',
      title: 'WHY',
      width: 20,
      grow: 80,
      priority: 6,
      cell: (j) => ({ text: why(j), tone: j.error === null ? 'dim' : 'bad' }),
    },
  ],
  detail: jobDetail,
};

const TONES: Record<Job['state'], Tone> = {
  queued: 'warn',
  running: 'accent',
  done: 'good',
  cancelled: 'dim',
  failed: 'bad',
  lost: 'bad',
};

function why(job: Job): string {
  if (job.error !== null) return job.error.message;
  return job.reasons.map(reasonText).join(', ');
}

/** `decode 1.2 s (attested)`, `price x1.2`. */
function reasonText({ name, unit, value, source }: Reason): string {
  // What nobody said is not worth a word.
  const whose = source === undefined || source === 'assumed' ? '' : ` (${source})`;
  return `${name} ${unit === 'x' ? `x${value.toFixed(2)}` : duration(value)}${whose}`;
}
