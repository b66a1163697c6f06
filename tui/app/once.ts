import { NexusError } from '../../feeds/base/mod.ts';
import { fitLine, heading, type Line, line, place, plain, row, sorted } from '../draw/mod.ts';
import { type AnyPane, type Context, presentPanes } from '../panes/mod.ts';
import { emptyState, type State, step } from '../state/mod.ts';
import { titleLine } from './head.ts';
import type { NodeLink } from './link.ts';

/** Lines below a table, e.g. the newest entries. */
const BELOW = 30;

/**
 * The state of a running node at this moment.
 * @throws {NexusError} `NODE_NOT_RUNNING` and others, as reaching the node went
 */
export async function stateNow(
  link: NodeLink,
  now: () => number,
  signal: AbortSignal,
): Promise<State> {
  const abort = new AbortController();
  const state = emptyState(now());
  for await (const event of link.watch(AbortSignal.any([signal, abort.signal]))) {
    step(state, event);
    if (state.link.state === 'live') {
      abort.abort();
      return state;
    }
    const { code, reason } = event as { code?: string; reason?: string };
    if (code === undefined) continue;
    throw new NexusError(code, reason ?? 'the node is not there', {
      hint: 'start one with `nexus up`',
    });
  }
  signal.throwIfAborted();
  throw new NexusError('NODE_LOST', 'the node told nothing', { hint: 'start it with `nexus up`' });
}

/** All panes as plain text: no colours, no control sequences, one heading for each. */
export function snapshotText(context: Context, columns: number): string[] {
  const screen = { context, columns, rows: 0, readOnly: false, player: null };
  const lines: Line[] = [titleLine(screen)];
  const panes = presentPanes(context.state);
  if (panes.length === 0) lines.push(line('nothing to show yet'));
  for (const pane of panes) {
    lines.push(line(), line(pane.title.toUpperCase()), ...table(pane, context, columns));
  }
  return lines.map((one) => plain(fitLine(one, columns)).trimEnd());
}

function table(pane: AnyPane, context: Context, columns: number): Line[] {
  const column = pane.columns.find(({ id }) => id === pane.sort) ?? pane.columns[0]!;
  const placed = place(pane.columns, columns);
  const rows = sorted(pane.rows(context), column, false);
  const below = pane.below?.(context, columns, BELOW, '') ?? [];
  return [
    heading(placed, null, false),
    ...(rows.length === 0 ? [line(pane.empty)] : rows.map((one) => row(placed, one, context))),
    ...(below.length === 0 ? [] : [line(), ...below]),
  ];
}
