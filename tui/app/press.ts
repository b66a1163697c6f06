import { clean } from '../state/mod.ts';
import { presentPanes } from '../panes/mod.ts';
import { answered } from './actions.ts';
import { browse } from './browse.ts';
import { asked, edited, typed } from './chat.ts';
import type { Key } from './key.ts';
import { type Pressed, type Question, type Screen, shownPane, type Ui, withToast } from './ui.ts';

/** What a key does. Pure: the effects are for the shell. A key takes away what was said of the last one. */
export function press(before: Ui, key: Key, screen: Screen): Pressed {
  const { mode } = before, ui = before.toast?.tone === 'good' ? before : { ...before, toast: null };
  // Whatever is being asked, this leaves.
  if (key.name === 'ctrl-c') return { ui, effects: [{ type: 'quit' }] };
  switch (mode.kind) {
    case 'help':
      return { ui: inHelp(ui, key), effects: [] };
    case 'confirm':
      if (key.name === 'y' || key.name === 'Y') {
        return { ui: browsing(ui), effects: [{ type: 'act', action: mode.action }] };
      }
      if (['n', 'N', 'esc', 'enter', 'q'].includes(key.name)) {
        return {
          ui: withToast(browsing(ui), 'not done', 'dim', screen.context.now, 2000),
          effects: [],
        };
      }
      return { ui, effects: [] };
    case 'ask':
      return inQuestion(ui, mode.question, key, screen);
  }
  return ui.pane === 'chat' && screen.player === null
    ? inChat(ui, key, screen)
    : browse(ui, key, screen);
}

/** Pasted text goes where text is being written, and nowhere else: it is no keys. */
export function paste(ui: Ui, text: string): Ui {
  if (ui.mode.kind === 'ask') {
    const { question } = ui.mode;
    const whole = question.text + clean(text, 1000);
    return { ...ui, mode: { kind: 'ask', question: { ...question, text: whole } } };
  }
  if (ui.pane !== 'chat' || ui.mode.kind !== 'browse' || ui.chat.busy) return ui;
  return { ...ui, chat: typed(ui.chat, text) };
}

function browsing(ui: Ui): Ui {
  return { ...ui, mode: { kind: 'browse' } };
}

function inHelp(ui: Ui, key: Key): Ui {
  if (ui.mode.kind !== 'help') return ui;
  const by = { down: 1, j: 1, up: -1, k: -1, pagedown: 10, pageup: -10 }[key.name];
  if (by === undefined) return browsing(ui);
  return { ...ui, mode: { kind: 'help', top: Math.max(0, ui.mode.top + by) } };
}

function inQuestion(ui: Ui, question: Question, key: Key, screen: Screen): Pressed {
  const change = (text: string): Ui =>
    filtered({ ...ui, mode: { kind: 'ask', question: { ...question, text } } }, screen);
  switch (key.name) {
    case 'esc':
      if (question.for !== 'filter') return { ui: browsing(ui), effects: [] };
      return { ui: browsing(change('')), effects: [] };
    case 'backspace':
      return { ui: change([...question.text].slice(0, -1).join('')), effects: [] };
    case 'ctrl-u':
      return { ui: change(''), effects: [] };
    case 'enter': {
      const action = answered(question);
      if (action === null) return { ui: browsing(ui), effects: [] };
      if (typeof action === 'string') {
        return { ui: withToast(ui, action, 'bad', screen.context.now), effects: [] };
      }
      return { ui: { ...ui, mode: { kind: 'confirm', action } }, effects: [] };
    }
  }
  if (key.text === '') return { ui, effects: [] };
  return { ui: change(question.text + clean(key.text, 8)), effects: [] };
}

/** A filter works while it is being written. */
function filtered(ui: Ui, screen: Screen): Ui {
  if (ui.mode.kind !== 'ask' || ui.mode.question.for !== 'filter') return ui;
  const pane = shownPane(ui, presentPanes(screen.context.state));
  if (pane === null) return ui;
  const view = { ...ui.views[pane.id]!, filter: ui.mode.question.text, cursor: null, top: 0 };
  return { ...ui, views: { ...ui.views, [pane.id]: view } };
}

function inChat(ui: Ui, key: Key, screen: Screen): Pressed {
  const { chat } = ui;
  if (key.name === 'esc') {
    if (chat.busy) return { ui, effects: [{ type: 'cancel' }] };
    return { ui: { ...ui, pane: ui.before }, effects: [] };
  }
  if (key.name === 'tab' || key.name === 'shift-tab') return browse(ui, key, screen);
  if (key.name === 'enter') {
    if (chat.busy || chat.input.trim() === '') return { ui, effects: [] };
    if (screen.readOnly) {
      const reason = 'read-only: start without --read-only to ask';
      return { ui: withToast(ui, reason, 'warn', screen.context.now), effects: [] };
    }
    return { ui: { ...ui, chat: asked(chat) }, effects: [{ type: 'prompt' }] };
  }
  const writes = key.text !== '' || key.name === 'backspace' || key.name === 'ctrl-u';
  if (chat.busy && writes) return { ui, effects: [] };
  const changed = edited(chat, key);
  return { ui: changed === null ? ui : { ...ui, chat: changed }, effects: [] };
}
