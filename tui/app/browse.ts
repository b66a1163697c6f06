import { type AnyPane, presentPanes, type Subject } from '../panes/mod.ts';
import { steer } from '../replay/mod.ts';
import { ACTION_KEYS, begin } from './actions.ts';
import { bodyRows } from './frame.ts';
import type { Key } from './key.ts';
import { cursorOf, rowsOf } from './list.ts';
import { type Pressed, type Screen, shownPane, type Ui, type View, withToast } from './ui.ts';

/** A key where nothing is being asked: moving, looking, beginning an action. */
export function browse(ui: Ui, key: Key, screen: Screen): Pressed {
  if (key.name === 'q' || key.name === 'ctrl-c') return { ui, effects: [{ type: 'quit' }] };
  if (key.name === '?') return still({ ...ui, mode: { kind: 'help', top: 0 } });
  if (screen.player !== null) {
    const player = steer(screen.player, key.name);
    if (player !== null) return { ui, effects: [{ type: 'player', player }] };
  }
  const present = presentPanes(screen.context.state);
  const pane = shownPane(ui, present);
  const moved = toPane(ui, key, present, pane, screen);
  if (moved !== null) return still(moved);
  if (ACTION_KEYS.has(key.name)) return act(ui, key, pane, screen);
  if (pane === null) return still(ui);
  if (key.name === 'y') {
    const subject = subjectOf(ui, pane, screen);
    if (subject === null) return still(ui);
    return { ui, effects: [{ type: 'copy', text: subject.copy }] };
  }
  return still(ui.detail === null ? inTable(ui, key, pane, screen) : inDetail(ui, key, screen));
}

function still(ui: Ui): Pressed {
  return { ui, effects: [] };
}

/** Another pane, by its digit or beside this one. */
function toPane(
  ui: Ui,
  key: Key,
  present: readonly AnyPane[],
  pane: AnyPane | null,
  { player, context }: Screen,
): Ui | null {
  const ids = present.map(({ id }) => id);
  if (player === null) ids.push('chat');
  const go = (id: string): Ui => ({
    ...ui,
    pane: id,
    before: id === 'chat' ? pane?.id ?? ui.before : id,
    detail: null,
  });
  if (key.name === 'c' && player === null) return go('chat');
  if (/^[1-9]$/.test(key.name)) {
    const found = present.find(({ digit }) => digit === key.name);
    if (found !== undefined) return go(found.id);
    return withToast(ui, `pane ${key.name} has nothing to show yet`, 'dim', context.now, 2000);
  }
  const by = key.name === 'tab' ? 1 : key.name === 'shift-tab' ? -1 : 0;
  if (by === 0 || ids.length === 0) return null;
  const at = ids.indexOf(ui.pane === 'chat' ? 'chat' : pane?.id ?? '');
  return go(ids[(at + by + ids.length) % ids.length]!);
}

/** What the chosen row is about. */
function subjectOf(ui: Ui, pane: AnyPane, { context }: Screen): Subject | null {
  const view = ui.views[pane.id]!;
  const rows = rowsOf(pane, view, context);
  const row = ui.detail === null
    ? rows[cursorOf(pane, view, rows)]
    : pane.rows(context).find((one) => pane.key(one) === ui.detail!.key);
  return row === undefined ? null : pane.subject(row);
}

function act(ui: Ui, key: Key, pane: AnyPane | null, screen: Screen): Pressed {
  const begun = begin(key.name, pane && subjectOf(ui, pane, screen), screen);
  if (begun.kind !== 'no') return still({ ...ui, mode: begun });
  return still(withToast(ui, begun.reason, 'warn', screen.context.now));
}

function inTable(ui: Ui, key: Key, pane: AnyPane, screen: Screen): Ui {
  const view = ui.views[pane.id]!;
  const put = (change: Partial<View>): Ui => ({
    ...ui,
    views: { ...ui.views, [pane.id]: { ...view, ...change } },
  });
  switch (key.name) {
    case '/':
      return {
        ...ui,
        mode: { kind: 'ask', question: { label: '/', text: view.filter, for: 'filter' } },
      };
    case 'esc':
      return put({ filter: '' });
    case 's':
      return put({ sort: nextSort(pane, view.sort), reverse: false });
    case 'S':
      return put({ reverse: !view.reverse });
  }
  const rows = rowsOf(pane, view, screen.context);
  if (rows.length === 0) return ui;
  const at = cursorOf(pane, view, rows);
  if (key.name === 'enter') return { ...ui, detail: { key: pane.key(rows[at]), top: 0 } };
  const to = moveBy(key.name, at, rows.length, bodyRows(screen));
  if (to === null) return ui;
  // The first row is whichever comes first: new ones are seen as they come.
  return put({ cursor: to === 0 ? null : pane.key(rows[to]), top: topAfter(view.top, to, screen) });
}

function topAfter(top: number, to: number, screen: Screen): number {
  const height = bodyRows(screen);
  return Math.max(to - height + 1, Math.min(top, to), 0);
}

function inDetail(ui: Ui, key: Key, screen: Screen): Ui {
  const { detail } = ui;
  if (detail === null) return ui;
  if (key.name === 'esc' || key.name === 'enter' || key.name === 'backspace') {
    return { ...ui, detail: null };
  }
  const top = moveBy(key.name, detail.top, 10_000, bodyRows(screen));
  return top === null ? ui : { ...ui, detail: { ...detail, top: key.name === 'G' ? 9_999 : top } };
}

/** Where a key of movement leads; null: it is none. */
function moveBy(key: string, at: number, total: number, page: number): number | null {
  const last = total - 1;
  switch (key) {
    case 'j':
    case 'down':
      return Math.min(last, at + 1);
    case 'k':
    case 'up':
      return Math.max(0, at - 1);
    case 'pagedown':
    case 'ctrl-f':
    case 'ctrl-d':
      return Math.min(last, at + page);
    case 'pageup':
    case 'ctrl-b':
    case 'ctrl-u':
      return Math.max(0, at - page);
    case 'g':
    case 'home':
      return 0;
    case 'G':
    case 'end':
      return last;
  }
  return null;
}

function nextSort(pane: AnyPane, now: string): string {
  const ids = pane.columns.filter(({ by }) => by !== undefined).map(({ id }) => id);
  return ids[(ids.indexOf(now) + 1) % ids.length]!;
}
