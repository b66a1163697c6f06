import t from 'tap';
import { messagesOf } from '../../tui/app/chat.ts';
import { frame } from '../../tui/app/frame.ts';
import { heard, stopped } from '../../tui/app/chat.ts';
import { keysOf } from '../../tui/app/key.ts';
import { paste, press } from '../../tui/app/press.ts';
import { type Effect, initialUi, type Screen, type Ui } from '../../tui/app/ui.ts';
import { plain } from '../../tui/draw/mod.ts';
import { emptyState, step } from '../../tui/state/mod.ts';
import { SyntheticMesh } from '../lib/synthetic_mesh.ts';

const AT = 1_700_000_000_000;
const JOB = '01'.repeat(32);

/** A dashboard of a small mesh, without its terminal. */
class Desk {
  ui: Ui = initialUi();
  effects: Effect[] = [];
  readonly mesh = new SyntheticMesh(30, AT);
  readonly state = emptyState(0);
  readonly screen: Screen;

  constructor(readOnly = false) {
    step(this.state, this.mesh.snapshot(AT));
    step(this.state, {
      event: 'run-done',
      at: AT,
      job: JOB,
      finish: 'end',
      executor: 'ab',
      outputTokens: 3,
      receipt: '/receipts/x',
    });
    const context = { state: this.state, now: AT };
    this.screen = { context, columns: 100, rows: 24, readOnly, player: null };
  }

  /** Keys by their names; `type:` for text. */
  press(...names: string[]): this {
    for (const name of names) {
      const text = [...name].length === 1 ? name : name === 'space' ? ' ' : '';
      const { ui, effects } = press(this.ui, { name, text }, this.screen);
      this.ui = ui;
      this.effects.push(...effects);
    }
    return this;
  }

  get lines(): string[] {
    return frame(this.ui, this.screen).map(plain);
  }

  /** The row that is chosen. */
  get chosen(): string {
    return this.lines.find((line) => line.startsWith('> ')) ?? '';
  }

  get bottom(): string {
    return this.lines.at(-1)!;
  }
}

t.test('digits and Tab show panes', (t) => {
  const desk = new Desk();
  t.match(desk.lines[1], /\[1 Mesh\]/);
  t.match(desk.press('2').lines[1], /\[2 Routing\]/);
  t.match(desk.press('tab').lines[1], /\[3 Logs\]/);
  t.match(desk.press('tab').lines[1], /\[4 Trust\]/);
  t.match(desk.press('tab').lines[1], /\[5 Ledger\]/);
  t.match(desk.press('tab').lines[1], /\[6 Prints\]/);
  t.match(desk.press('tab').lines[1], /\[c Chat\]/);
  t.match(desk.press('tab').lines[1], /\[1 Mesh\]/);
  t.match(desk.press('shift-tab', 'shift-tab').lines[1], /\[6 Prints\]/);
  t.match(desk.press('9').bottom, /pane 9 has nothing to show/);
  t.end();
});

t.test('moving, scrolling, and a row that stays chosen while others come', (t) => {
  const desk = new Desk();
  const first = desk.chosen;
  t.not(desk.press('j', 'down').chosen, first);
  t.equal(desk.press('k', 'up').chosen, first);
  const last = desk.press('G').chosen;
  t.not(last, first);
  t.equal(desk.press('g').chosen, first);
  t.equal(desk.press('pagedown', 'pagedown', 'pagedown').chosen, last);
  const key = last.slice(2, 10);
  const more = new SyntheticMesh(5, AT, 7).peers.map((peer) => ({ ...peer, name: 'zzz' }));
  step(desk.state, { event: 'peers', at: AT, peers: more, gone: [] });
  t.match(desk.chosen, key);
  t.end();
});

t.test('a filter works as it is typed; Esc takes it away', (t) => {
  const desk = new Desk().press('/', 'f', 'o', 'x');
  t.match(desk.bottom, /^\/fox/);
  t.match(desk.lines[1], /filter fox +\d+ rows?/);
  t.match(desk.chosen, /fox/);
  desk.press('enter');
  t.match(desk.lines[1], /filter fox/);
  t.notMatch(desk.press('esc').lines[1], /filter/);
  t.match(desk.press('/', 'q', '!').lines.join('\n'), /nothing fits the filter/);
  t.end();
});

t.test('sorting by the next column, and the other way round', (t) => {
  const desk = new Desk();
  t.match(desk.lines[2], /NAME▲/);
  t.match(desk.press('s').lines[2], /STATE▲/);
  t.match(desk.press('s').lines[2], /RTT▲/);
  t.match(desk.press('S').lines[2], /RTT▼/);
  const rtt = desk.lines.slice(3, 8).map((line) => Number(/(\d+(\.\d)?) ms/.exec(line)![1]));
  t.same(rtt, [...rtt].sort((a, b) => b - a));
  t.end();
});

t.test('Enter opens a detail, Esc leaves it', (t) => {
  const desk = new Desk().press('j', 'enter');
  t.match(desk.lines.join('\n'), /round trip/);
  t.notMatch(desk.press('esc').lines.join('\n'), /round trip/);
  t.match(desk.press('?').lines.join('\n'), /another pane(.|\n)*export the receipt/);
  t.match(desk.press('x').lines[2], /KEY/);
  t.end();
});

t.test('what changes something is asked first', (t) => {
  const desk = new Desk().press('j', 'b');
  t.match(desk.bottom, /ban [0-9a-f]{8}.*\? +y yes +n no/);
  t.same(desk.press('n').effects, []);
  t.match(desk.press('b', 'y').effects[0], { type: 'act', action: { method: 'ban' } });
  desk.effects = [];
  desk.press('p', 'ctrl-u', '4', '2', 'enter');
  t.match(desk.bottom, /set the price to 42/);
  t.match(desk.press('y').effects[0], { action: { method: 'price', params: { price: 42 } } });
  desk.effects = [];
  t.match(desk.press('p', 'ctrl-u', 'x', 'enter').bottom, /a price is a whole number/);
  desk.press('esc', 'd', 'y');
  t.match(desk.effects[0], { action: { method: 'drain', params: { on: true } } });
  desk.effects = [];
  desk.press('2', 'r', 'enter', 'y');
  t.match(desk.effects[0], { action: { method: 'receipt', params: { job: JOB } } });
  desk.effects = [];
  desk.press('m', 'a', 'enter', 'y');
  t.match(desk.effects[0], { action: { method: 'pull', params: { model: 'a' } } });
  t.end();
});

t.test('a dashboard that may only look says so', (t) => {
  const desk = new Desk(true);
  t.match(desk.lines[0], /read-only/);
  for (const key of ['p', 'b', 'd', 'm', 'r', 'a', 'u']) {
    t.match(desk.press(key).bottom, /read-only: start without/, key);
  }
  t.notMatch(desk.press('2').bottom, /read-only/, 'what was said goes with the next key');
  t.notMatch(desk.press('5').bottom, /bond|price|ban|drain|chat/, 'no key that does nothing');
  t.match(desk.bottom, /quit.*copy/);
  desk.press('c', 'h', 'i', 'enter');
  t.match(desk.bottom, /read-only/);
  t.same(desk.effects, []);
  t.end();
});

t.test('q and Ctrl-C leave, wherever they are not text', (t) => {
  t.same(new Desk().press('q').effects, [{ type: 'quit' }]);
  t.same(new Desk().press('c', 'q').effects, [], 'a letter in the chat');
  t.same(new Desk().press('c', 'ctrl-c').effects, [{ type: 'quit' }]);
  t.same(new Desk().press('/', 'q', 'ctrl-c').effects, [{ type: 'quit' }]);
  t.end();
});

t.test('copying takes the whole key', (t) => {
  const desk = new Desk().press('j', 'y');
  const { text } = desk.effects[0] as { text: string };
  t.match(text, /^[0-9a-f]{64}$/);
  t.match(desk.chosen, text.slice(0, 8));
  t.end();
});

t.test('the chat asks, streams, fails, goes on', (t) => {
  const desk = new Desk().press('c', 'H', 'i', 'enter');
  t.same(desk.effects, [{ type: 'prompt' }]);
  t.same(messagesOf(desk.ui.chat), [{ role: 'user', content: 'Hi' }]);
  const hear = (event: Record<string, unknown>) =>
    desk.ui = { ...desk.ui, chat: heard(desk.ui.chat, event) };
  hear({ event: 'route', executor: 'ab'.repeat(32) });
  hear({ event: 'token', text: 'Hel\u001b[2Jlo' });
  t.match(desk.lines.join('\n'), /> Hi +\n +Hel\[2Jlo/);
  t.match(desk.press('x').ui.chat.input, '', 'it is busy');
  desk.effects = [];
  t.same(desk.press('esc').effects, [{ type: 'cancel' }]);
  hear({ event: 'done', job: JOB, outputTokens: 2, tokensPerSecond: 9, finish: 'end' });
  t.match(desk.ui.chat, { busy: false, parent: JOB });
  desk.press('N', 'o', 'enter');
  desk.ui = { ...desk.ui, chat: stopped(desk.ui.chat, 'nobody is there') };
  t.match(desk.lines.join('\n'), /nobody is there/);
  desk.press('A', 'enter');
  t.same(
    messagesOf(desk.ui.chat).map(({ content }) => content),
    ['Hi', 'Hel[2Jlo', 'A'],
    'what failed is no part of it',
  );
  t.end();
});

t.test('what is pasted is text, never keys', (t) => {
  const desk = new Desk();
  t.equal(paste(desk.ui, 'qqq'), desk.ui);
  desk.press('c');
  desk.ui = paste(desk.ui, 'two\nlines\u001b[2J');
  t.equal(desk.ui.chat.input, 'two\nlines[2J');
  t.end();
});

t.test("a terminal's keys", (t) => {
  const none = {
    upArrow: false,
    downArrow: false,
    leftArrow: false,
    rightArrow: false,
    pageUp: false,
    pageDown: false,
    home: false,
    end: false,
    return: false,
    escape: false,
    tab: false,
    backspace: false,
    delete: false,
    ctrl: false,
    shift: false,
    meta: false,
  };
  t.same(keysOf('', { ...none, tab: true, shift: true }), [{ name: 'shift-tab', text: '' }]);
  t.same(keysOf('c', { ...none, ctrl: true }), [{ name: 'ctrl-c', text: '' }]);
  t.same(keysOf('', { ...none, rightArrow: true, shift: true })[0]!.name, 'shift-right');
  t.same(keysOf('a b\r', none).map(({ name }) => name), ['a', 'space', 'b', 'enter']);
  t.end();
});
