import { counted } from '../../feeds/base/mod.ts';
import {
  age,
  clock,
  ends,
  type Line,
  line,
  moment,
  rate,
  type Span,
  span,
  truncate,
  widthOf,
} from '../draw/mod.ts';
import { type AnyPane, type Context, presentPanes } from '../panes/mod.ts';
import type { PlayerState } from '../replay/mod.ts';
import { short, type State } from '../state/mod.ts';
import { ACTION_KEYS } from './actions.ts';
import { type Screen, shownPane, type Ui } from './ui.ts';

/** The first line: which node, how it is, what goes on. */
export function titleLine({ context, columns, readOnly }: Screen): Line {
  const { state } = context;
  const { status } = state;
  const left: Span[] = [span('nexus', 'bold')];
  if (status !== null) {
    left.push(span(` ${truncate(status.network.name, 16)} ${short(status.key)}`));
  }
  left.push(span('  '), ...linkSpans(context));
  if (status?.draining === true) left.push(span('  draining', 'warn'));
  if (readOnly) left.push(span('  read-only', 'dim'));
  return ends(left, [span(figures(state), 'dim')], columns);
}

function linkSpans({ state: { link, status }, now }: Context): Span[] {
  switch (link.state) {
    case 'live':
      if (
        status?.mesh != null && status.mesh.state !== 'online' && status.mesh.state !== 'announced'
      ) {
        return [span('● live', 'good'), span(` (mesh ${status.mesh.state})`, 'warn')];
      }
      return [span('● live', 'good')];
    case 'recorded':
      return [span('■ recorded', 'accent')];
    case 'waiting':
      return [span('○ no node yet', 'warn')];
    case 'away':
      return [
        span(`○ away since ${clock(link.since)} (${age(now - link.since)}), trying again`, 'bad'),
      ];
  }
}

function figures(state: State): string {
  let running = 0, speed = 0;
  for (const job of state.jobs.values()) {
    if (job.endedAt !== null) continue;
    running++;
    speed += job.rate ?? 0;
  }
  return `${counted(state.peers.size, 'peer')}, ${counted(running, 'job')}, ${rate(speed)} tok/s`;
}

/** The second line: the panes, and how the shown one is looked at. */
export function tabsLine(ui: Ui, { context, columns, player }: Screen, shown: number | null): Line {
  const present = presentPanes(context.state);
  const pane = ui.pane === 'chat' ? null : shownPane(ui, present);
  const tabs = present.flatMap(({ id, digit, title }) => tab(`${digit} ${title}`, id === pane?.id));
  if (player === null) tabs.push(...tab('c Chat', ui.pane === 'chat'));
  return ends(tabs, pane === null ? [] : viewSpans(ui, pane, shown), columns);
}

function tab(text: string, active: boolean): Span[] {
  return active ? [span(`[${text}]`, 'inverse')] : [span(` ${text} `)];
}

function viewSpans(ui: Ui, pane: AnyPane, shown: number | null): Span[] {
  const view = ui.views[pane.id]!;
  const rows = shown === null || ui.detail !== null ? '' : counted(shown, 'row');
  if (view.filter === '') return [span(rows, 'dim')];
  return [span(`filter ${truncate(view.filter, 16)}  `, 'warn'), span(rows, 'dim')];
}

/** The time line of a recording. */
export function timeLine(player: PlayerState, { state }: Context, columns: number): Line {
  const { index, total, playing, speed } = player;
  const left = `${playing ? '▶' : 'Ⅱ'} ${
    index === 0 ? 'before the first event' : moment(state.at)
  } `;
  const right = ` ${index}/${total} x${speed}`;
  const room = columns - left.length - right.length - 2;
  if (room < 4) return [span(left, 'accent'), span(right)];
  const done = total === 0 ? room : Math.round(index / total * room);
  const bar = `[${'━'.repeat(done)}${'─'.repeat(room - done)}]`;
  return [span(left, 'accent'), span(bar), span(right)];
}

const HINTS: readonly (readonly [string, string])[] = [
  ['?', 'help'],
  ['q', 'quit'],
  ['Enter', 'detail'],
  ['/', 'filter'],
  ['s', 'sort'],
  ['c', 'chat'],
  ['m', 'pull'],
  ['p', 'price'],
  ['b', 'ban'],
  ['d', 'drain'],
  ['r', 'receipt'],
  ['y', 'copy'],
];
/** Where accounts are looked at. */
const MONEY_HINTS: typeof HINTS = [
  ['B', 'bond'],
  ['U', 'unbond'],
  ['p', 'price'],
  ['b', 'ban'],
  ['d', 'drain'],
  ['y', 'copy'],
];
const REPLAY_HINTS: readonly (readonly [string, string])[] = [
  ['?', 'help'],
  ['q', 'quit'],
  ['Space', 'play'],
  ['←→', 'step'],
  ['[]', '100'],
  ['+-', 'speed'],
  ['Enter', 'detail'],
  ['/', 'filter'],
  ['s', 'sort'],
];

/** The last line: a question, a message, or what the keys do. */
export function bottomLine(ui: Ui, screen: Screen): Line {
  const { mode, toast } = ui;
  if (mode.kind === 'confirm') {
    return [
      span(asked(mode.action.says), 'bold'),
      span('  '),
      span('y', 'accent'),
      span(' yes  '),
      span('n', 'accent'),
      span(' no'),
    ];
  }
  if (mode.kind === 'help') return line('any key goes back', 'dim');
  if (toast !== null && toast.until > screen.context.now && mode.kind !== 'ask') {
    return [span(mark(toast.tone)), span(toast.text, toast.tone)];
  }
  if (mode.kind === 'ask') {
    const { label, text, for: what } = mode.question;
    const wrong = toast?.tone === 'bad' && toast.until > screen.context.now;
    return [
      span(what === 'filter' ? '/' : `${label}: `, 'accent'),
      span(text),
      span(' ', 'inverse'),
      span(wrong ? `  ${toast.text}` : '', 'bad'),
    ];
  }
  if (ui.pane === 'chat') {
    return line('Enter sends, Esc goes back, Tab to the panes, Ctrl-C quits', 'dim');
  }
  if (ui.detail !== null) return line('Esc back, ↑↓ scroll, y copy, ? help, q quit', 'dim');
  if (screen.player !== null) return hintLine(REPLAY_HINTS, screen.columns);
  const money = shownPane(ui, presentPanes(screen.context.state))?.id === 'ledger';
  const hints = money ? [...HINTS.slice(0, 5), ...MONEY_HINTS] : HINTS;
  const may = hints.filter(([key]) => !screen.readOnly || !(ACTION_KEYS.has(key) || key === 'c'));
  return hintLine(may, screen.columns);
}

/** A question has its mark once. */
function asked(says: string): string {
  return says.includes('? ') ? says : `${says}?`;
}

/** As many hints as fit whole. */
function hintLine(hints: typeof HINTS, columns: number): Line {
  const spans: Span[] = [];
  let left = columns;
  for (const [key, does] of hints) {
    left -= widthOf(key) + widthOf(does) + 3;
    if (left < -2) break;
    spans.push(span(key, 'accent'), span(` ${does}  `, 'dim'));
  }
  return spans;
}

function mark(tone: string): string {
  return tone === 'bad' ? '! ' : tone === 'good' ? '✓ ' : '';
}
