import { NexusError } from '../../../feeds/base/mod.ts';
import { call, type EnergyAnswer, type EnergyRow } from '../../control/mod.ts';
import { dayOf, readRows, sumBy } from '../../energy/mod.ts';
import { table } from '../columns.ts';
import { openContext } from '../context.ts';
import {
  ENERGY_HEAD,
  energyCells,
  energyEvent,
  energyLine,
  sessionEvent,
  sourceLines,
} from '../energy_view.ts';
import { sinceFrom } from '../since.ts';
import { defineCommand } from '../spec.ts';

/** A session in which nothing was decoded. */
const NOTHING = {
  source: null,
  error: null,
  jobs: 0,
  promptTokens: 0,
  tokens: 0,
  evaluated: 0,
  decoded: 0,
  prompt: 0,
  output: 0,
  joules: 0,
  wattHours: 0,
  ncu: 0,
  promptToken: null,
  outputToken: null,
};

/** `nexus energy` */
export const command = defineCommand({
  name: 'energy',
  summary: 'what answers of this machine cost in energy',
  description:
    'Joules of all that this node has decoded, by day and model, with what counted them: the ' +
    "card's counter (nvml), the processor's (rapl), or an estimate from the class of the machine. " +
    'NCU are the reference energy of the same tokens, which is what is paid for: a machine that ' +
    'takes less has profit. Works with and without a running node.',
  flags: {
    since: { type: 'string', value: 'moment', help: 'from then on: 2026-11-20, or 12h, 7d (ago)' },
  },
  examples: [
    { command: 'nexus energy', does: 'by day and model, and the last session' },
    { command: 'nexus energy --since 7d --json', does: 'of a week, for programs' },
  ],
  async run({ flags, out, signal }) {
    const since = flags.since === undefined ? 0 : sinceFrom(flags.since, Date.now());
    const { home: { paths } } = await openContext({ home: flags.home });
    const answer = await asked(paths.socket, since, signal);
    const rows = answer?.rows ??
      (await readRows(paths.energy)).rows.filter(({ at }) => at >= since);
    if (answer?.source != null) {
      await out.event({ event: 'energy-source', ...answer.source });
      for (const line of sourceLines(answer.source)) await out.note(line);
    }
    const days = sumBy(rows, ({ at, profile, source }) => [dayOf(at), profile, source].join(' '));
    for (const row of days) {
      await out.event({ event: 'energy', day: dayOf(row.at), ...energyEvent(row) });
    }
    const session = answer?.session ?? last(rows);
    const [sum] = sumBy(rows.filter((row) => row.session === session), () => '');
    await out.event({
      event: 'energy-session',
      began: session,
      ...(sum === undefined ? NOTHING : sessionEvent(sum)),
    });
    if (rows.length === 0) {
      const when = since === 0 ? 'yet' : `since ${new Date(since).toISOString()}`;
      return await out.note(`nothing has been decoded here ${when}`);
    }
    const cells = [ENERGY_HEAD, ...days.map(energyCells)];
    await out.result(table(cells, out.columns, ['IN', 'JOBS', 'J/IN', 'Wh', 'OUT']));
    if (days.length > 1) await out.note(`all: ${energyLine(sumBy(rows, () => '')[0]!)}`);
    if (sum === undefined) return;
    const began = new Date(session!).toISOString().slice(0, 16).replace('T', ' ');
    const which = answer === null ? 'the last session' : 'this session';
    await out.note(`${which}, since ${began}: ${energyLine(sum)}`);
  },
});

/** What the running node says; null where none runs. */
async function asked(
  socket: string,
  since: number,
  signal: AbortSignal,
): Promise<EnergyAnswer | null> {
  try {
    return await call(socket, 'energy', { since }, signal) as EnergyAnswer;
  } catch (thrown) {
    if (thrown instanceof NexusError && thrown.code === 'NODE_NOT_RUNNING') return null;
    throw thrown;
  }
}

/** The newest session of the rows. */
function last(rows: readonly EnergyRow[]): number | null {
  return rows.reduce<number | null>(
    (newest, { session }) => session !== null && session > (newest ?? 0) ? session : newest,
    null,
  );
}
