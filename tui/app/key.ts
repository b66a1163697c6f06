/** A key as the dashboard knows it: a name such as `up`, `shift-left`, `ctrl-c`, or its letter. */
export interface Key {
  name: string;
  /** What it writes; empty for keys that write nothing. */
  text: string;
}

/** What Ink tells of a key. */
interface InkKey {
  upArrow: boolean;
  downArrow: boolean;
  leftArrow: boolean;
  rightArrow: boolean;
  pageUp: boolean;
  pageDown: boolean;
  home: boolean;
  end: boolean;
  return: boolean;
  escape: boolean;
  tab: boolean;
  backspace: boolean;
  delete: boolean;
  ctrl: boolean;
  shift: boolean;
  meta: boolean;
}

const NAMED: readonly (readonly [keyof InkKey, string])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
];

/** The keys in one piece of input: letters that came together are keys of their own. */
export function keysOf(input: string, key: InkKey): Key[] {
  const named = NAMED.find(([flag]) => key[flag]);
  if (named !== undefined) {
    return [{ name: key.shift ? `shift-${named[1]}` : named[1], text: '' }];
  }
  if (key.ctrl) return [{ name: `ctrl-${input}`, text: '' }];
  if (key.meta) return [];
  return [...input].map((letter) =>
    letter === '\r' || letter === '\n'
      ? { name: 'enter', text: '' }
      : { name: letter === ' ' ? 'space' : letter, text: letter }
  );
}
