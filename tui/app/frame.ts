import { ends, fitLine, heading, type Line, line, place, plain, row, span } from '../draw/mod.ts';
import { type AnyPane, presentPanes } from '../panes/mod.ts';
import { chatLines } from './chat.ts';
import { bottomLine, tabsLine, timeLine, titleLine } from './head.ts';
import { helpLines } from './help.ts';
import { cursorOf, rowsOf, topOf } from './list.ts';
import { type Screen, shownPane, type Ui } from './ui.ts';

/** Less than this cannot show anything of use. */
const SMALLEST = { columns: 40, rows: 10 };

/** The whole screen: exactly `rows` lines of exactly `columns` columns. Pure. */
export function frame(ui: Ui, screen: Screen): Line[] {
  const { columns, rows } = screen;
  const lines = columns < SMALLEST.columns || rows < SMALLEST.rows
    ? tooSmall(columns)
    : whole(ui, screen);
  while (lines.length < rows) lines.push(line());
  return lines.slice(0, rows).map((one) => fitLine(one, columns));
}

/** Lines between the tabs and the bottom. */
function bodyHeight({ rows, player }: Screen): number {
  return rows - 3 - (player === null ? 0 : 1);
}

/** Rows of a table that are shown at once, about. */
export function bodyRows(screen: Screen): number {
  return Math.max(1, bodyHeight(screen) - 1);
}

function tooSmall(columns: number): Line[] {
  const text = `too small: ${SMALLEST.columns}x${SMALLEST.rows} is needed`;
  return [line(text.slice(0, columns)), line('q quits'.slice(0, columns), 'dim')];
}

function whole(ui: Ui, screen: Screen): Line[] {
  const height = bodyHeight(screen);
  const { body, shown } = bodyOf(ui, screen, height);
  while (body.length < height) body.push(line());
  return [
    titleLine(screen),
    tabsLine(ui, screen, shown),
    ...body.slice(0, height),
    ...(screen.player === null ? [] : [timeLine(screen.player, screen.context, screen.columns)]),
    bottomLine(ui, screen),
  ];
}

/** @returns the lines, and how many rows the table has */
function bodyOf(ui: Ui, screen: Screen, height: number): { body: Line[]; shown: number | null } {
  const { context, columns } = screen;
  const nothing = (body: Line[]) => ({ body, shown: null });
  if (ui.mode.kind === 'help') return nothing(helpLines(ui.mode.top, height));
  if (ui.pane === 'chat' && screen.player === null) {
    return nothing(chatLines(ui.chat, columns, height));
  }
  const pane = shownPane(ui, presentPanes(context.state));
  if (pane === null) return nothing(absent(screen));
  if (ui.detail !== null) {
    const found = pane.rows(context).find((one) => pane.key(one) === ui.detail!.key);
    const lines = found === undefined
      ? [line('it is gone', 'warn')]
      : pane.detail(found, context, columns);
    const top = Math.min(ui.detail.top, Math.max(0, lines.length - height));
    return nothing(lines.slice(top, top + height));
  }
  return tableOf(ui, pane, screen, height);
}

/** Nothing is known: why, and what to do. */
function absent({ context: { state: { link } }, player }: Screen): Line[] {
  if (player !== null) {
    return [
      line(),
      line(player.total === 0 ? '  nothing is recorded here' : '  nothing yet', 'dim'),
    ];
  }
  if (link.state === 'live') return [line(), line('  the node has told nothing yet', 'dim')];
  return [
    line(),
    line(`  ${link.reason || 'no node is running here'}`, 'warn'),
    line(),
    [span('  start one with '), span('nexus up', 'bold'), span(': it will be shown here at once')],
  ];
}

function tableOf(ui: Ui, pane: AnyPane, screen: Screen, height: number) {
  const { context, columns } = screen;
  const view = ui.views[pane.id]!;
  const rows = rowsOf(pane, view, context);
  const needed = 1 + Math.max(1, rows.length);
  // What stands below gets what the table leaves, and two fifths where both are long.
  const room = Math.max(Math.floor(height * 0.4), height - needed - 1);
  const below = height < 10
    ? []
    : pane.below?.(context, columns, room, view.filter.toLowerCase()) ?? [];
  const gap = below.length > 0 ? 1 : 0;
  const tableHeight = Math.max(1, height - 1 - below.length - gap);
  const placed = place(pane.columns, columns - 2);
  const cursor = cursorOf(pane, view, rows);
  const top = topOf(view.top, cursor, tableHeight, rows.length);
  const body: Line[] = [[span('  '), ...heading(placed, view.sort, view.reverse)]];
  for (const [i, one] of rows.slice(top, top + tableHeight).entries()) {
    const cells = row(placed, one, context);
    body.push(
      top + i === cursor
        ? [
          span(
            ends([span('> '), span(plain(cells))], [], columns).map((s) => s.text).join(''),
            'inverse',
          ),
        ]
        : [span('  '), ...cells],
    );
  }
  if (rows.length === 0) {
    body.push(line(view.filter === '' ? `  ${pane.empty}` : '  nothing fits the filter', 'dim'));
  }
  while (body.length < 1 + tableHeight) body.push(line());
  if (gap > 0) body.push(line('─'.repeat(columns), 'dim'));
  return { body: [...body, ...below], shown: rows.length };
}
