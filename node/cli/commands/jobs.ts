import { ncuText, NexusError } from '../../../feeds/base/mod.ts';
import {
  call,
  type JobRow,
  type NodeEvent,
  streamCall,
  type VerdictRow,
} from '../../control/mod.ts';
import { type JobQuery, jobsOfHome, MAX_LISTED } from '../../daemon/mod.ts';
import { short } from '../answer.ts';
import { table } from '../columns.ts';
import { openContext } from '../context.ts';
import type { Output } from '../output.ts';
import { nodeBinary } from '../runtime.ts';
import { defineCommand } from '../spec.ts';
import { verdictText } from '../verdict.ts';

const SHOWN = 20;
/** After these a job is no more what it was. */
const NEWS = new Set(['run-done', 'run-failed', 'run-verdict', 'audit-verdict']);
const HEAD = ['WHEN', 'JOB', 'MODEL', 'TOKENS', 'NCU', 'STATE', 'EXECUTOR', 'CHECKED'];

/** `nexus jobs` */
export const command = defineCommand({
  name: 'jobs',
  summary: 'prompts of this machine, and what audits found',
  description:
    'From the own log: who answered, how it ended, and what was found by those who checked the ' +
    'answer, at once with `nexus run --verify` or later as auditors of the network. Jobs by which this node measured peers are left out.',
  flags: {
    limit: { type: 'integer', short: 'n', value: 'count', help: `how many (default ${SHOWN})` },
    probes: { type: 'boolean', help: 'also the jobs by which this node measured peers' },
    follow: { type: 'boolean', short: 'f', help: 'go on with what happens' },
  },
  positionals: [{ name: 'id', help: 'first digits of a job: tells all of it' }],
  examples: [
    { command: 'nexus jobs', does: 'the last ones, the newest first' },
    { command: 'nexus jobs <id>', does: 'its attempts and verdicts' },
    { command: 'nexus jobs --follow --json', does: 'each job again when there is news of it' },
  ],
  async run({ flags, positionals, out, signal }) {
    const [id] = positionals;
    const limit = flags.limit ?? SHOWN;
    if (limit < 1 || limit > MAX_LISTED) {
      throw new NexusError('USAGE', `--limit is from 1 to ${MAX_LISTED}`);
    }
    if (id !== undefined && !/^[0-9a-f]{4,64}$/i.test(id)) {
      throw new NexusError('USAGE', `${id.slice(0, 80)} is no start of a job's id`, {
        hint: 'give at least four of the digits that nexus jobs shows',
      });
    }
    const { home, signer: { publicKey } } = await openContext({ home: flags.home });
    const { paths } = home;
    const query = {
      limit: id === undefined ? limit : 2,
      start: id?.toLowerCase() ?? null,
      probes: flags.probes,
    };
    const rows = await jobsOfHome({ paths, publicKey }, query, signal, nodeBinary());
    for (const row of rows) await out.event({ event: 'job', ...row });
    if (id !== undefined) await details(rows, id, out);
    else if (rows.length > 0) {
      const whole = [HEAD, ...rows.map(cells)];
      // Where nothing costs anything nothing is said of it.
      const shown = rows.some(({ ncu }) => ncu !== null)
        ? whole
        : whole.map((row) => row.filter((_, i) => HEAD[i] !== 'NCU'));
      await out.result(table(shown, out.columns, ['MODEL', 'TOKENS']));
    } else if (!flags.follow) await out.note('nothing has been asked yet');
    if (flags.follow) await follow(paths.socket, query, out, signal);
  },
});

async function details(rows: readonly JobRow[], id: string, out: Output): Promise<void> {
  const [row, other] = rows;
  if (row === undefined || other !== undefined) {
    const what = row === undefined ? 'no job here begins' : 'several jobs here begin';
    throw new NexusError('JOB_UNKNOWN', `${what} with ${id}`, { hint: 'see nexus jobs' });
  }
  await out.result(`job       ${row.job}`);
  if (row.probe) await out.result('for       a measurement of a peer by this node (probe)');
  await out.result(`asked     ${time(row.at)}`);
  await out.result(`model     ${row.model ?? `unknown (profile ${row.profile})`}`);
  await out.result(`state     ${row.state}, ${row.promptTokens} + ${row.tokens} tokens`);
  if (row.ncu !== null) {
    const back = row.refunded ? `, ${ncuText(row.refunded)} given back` : '';
    await out.result(`cost      ${ncuText(row.ncu)} NCU${back}`);
  }
  for (const { attempt, executor, state, tokens, finish, totalMs } of row.attempts) {
    const end = finish === null || finish === state ? state : `${state} (${finish})`;
    const ms = totalMs === null ? '' : `, ${totalMs} ms`;
    await out.result(`attempt ${attempt} ${executor}: ${end}, ${tokens} tokens${ms}`);
  }
  for (const verdict of row.verdicts) {
    await out.result(`attempt ${verdict.attempt} ${verdictText(verdict)} (${time(verdict.at)})`);
  }
  if (row.verdicts.length === 0) await out.result('nobody has checked it yet');
}

async function follow(
  socket: string,
  { start, probes }: Pick<JobQuery, 'start' | 'probes'>,
  out: Output,
  signal: AbortSignal,
): Promise<void> {
  for await (const event of streamCall(socket, 'events', {}, signal)) {
    const { event: name, job, mine } = event as NodeEvent;
    if (!NEWS.has(name) || typeof job !== 'string' || !job.startsWith(start ?? '')) continue;
    if (name === 'audit-verdict' && mine !== true) continue;
    const query = { limit: 1, start: job, probes };
    for (const row of await call(socket, 'jobs', query, signal) as JobRow[]) {
      if (row.probe && !probes && start === null) continue;
      await out.event({ event: 'job', ...row });
      await out.result(cells(row).join('  '));
    }
  }
}

function cells(row: JobRow): string[] {
  const { at, job, model, profile, tokens, ncu, refunded, attempts, verdicts } = row;
  return [
    time(at),
    short(job),
    model ?? short(profile),
    String(tokens),
    ncu === null ? '-' : ncuText(ncu) + (refunded ? ` -${ncuText(refunded)}` : ''),
    row.probe ? `${row.state} (probe)` : row.state,
    attempts.map(({ executor }) => short(executor)).join(' > '),
    checked(verdicts),
  ];
}

/** The worst of the findings, and how many there are. */
function checked(verdicts: readonly VerdictRow[]): string {
  const worst = ['fraud', 'trigger', 'ok', 'inconclusive'].find((finding) =>
    verdicts.some((verdict) => verdict.finding === finding)
  );
  if (worst === undefined) return '-';
  const count = verdicts.filter(({ finding }) => finding === worst).length;
  return count === 1 ? worst : `${worst} (${count})`;
}

function time(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}
