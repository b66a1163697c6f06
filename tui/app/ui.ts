import type { Tone } from '../draw/mod.ts';
import { type AnyPane, type Context, PANES } from '../panes/mod.ts';
import type { PlayerState } from '../replay/mod.ts';
import { type Chat, newChat } from './chat.ts';

/** How a pane is being looked at. */
export interface View {
  /** Key of the chosen row; null: the first one, whichever that is. */
  cursor: string | null;
  /** Index of the row at the top. */
  top: number;
  sort: string;
  reverse: boolean;
  filter: string;
}

/** What the dashboard asks the node to do, once that is confirmed. */
export interface Action {
  method: 'ban' | 'unban' | 'price' | 'drain' | 'pull' | 'receipt' | 'audit' | 'bond' | 'unbond';
  params: Record<string, unknown>;
  /** What will be done, e.g. `ban ab12cd34`. */
  says: string;
}

/** Text that is being asked for, and what is done with it. */
export interface Question {
  label: string;
  text: string;
  for: 'filter' | 'price' | 'pull' | 'receipt' | 'unban' | 'bond' | 'unbond';
  /** Id of the job, where it is about one. */
  job?: string;
  /** Most that may be given, micro-NCU. */
  most?: number;
}

export type Mode =
  | { kind: 'browse' }
  | { kind: 'help'; top: number }
  | { kind: 'ask'; question: Question }
  | { kind: 'confirm'; action: Action };

/** A passing message. */
export interface Toast {
  text: string;
  tone: Tone;
  /** Milliseconds since 1970; it is gone then. */
  until: number;
}

/** Everything that the person at the keyboard has brought about. */
export interface Ui {
  /** Id of the shown pane, or `chat`. */
  pane: string;
  /** Where Esc leads back to from the chat. */
  before: string;
  views: Readonly<Record<string, View>>;
  detail: { key: string; top: number } | null;
  mode: Mode;
  toast: Toast | null;
  chat: Chat;
}

/** What the shell is told to do. */
export type Effect =
  | { type: 'quit' }
  | { type: 'act'; action: Action }
  | { type: 'copy'; text: string }
  | { type: 'prompt' }
  | { type: 'cancel' }
  | { type: 'player'; player: PlayerState };

/** What the keys work on. */
export interface Screen {
  context: Context;
  columns: number;
  rows: number;
  readOnly: boolean;
  /** Null: a live node. */
  player: PlayerState | null;
}

export interface Pressed {
  ui: Ui;
  effects: Effect[];
}

export function initialUi(): Ui {
  const views = PANES.map((pane): [string, View] => [pane.id, {
    cursor: null,
    top: 0,
    sort: pane.sort,
    reverse: false,
    filter: '',
  }]);
  return {
    pane: PANES[0]!.id,
    before: PANES[0]!.id,
    views: Object.fromEntries(views),
    detail: null,
    mode: { kind: 'browse' },
    toast: null,
    chat: newChat(),
  };
}

/** The shown pane: the chosen one, or the first that has something to show; null: none has. */
export function shownPane(ui: Ui, present: readonly AnyPane[]): AnyPane | null {
  return present.find(({ id }) => id === ui.pane) ?? present[0] ?? null;
}

/** The same with a message. @param now milliseconds since 1970 */
export function withToast(ui: Ui, text: string, tone: Tone, now: number, ms = 6000): Ui {
  return { ...ui, toast: { text, tone, until: now + ms } };
}
