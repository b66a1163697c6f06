import { fit, type Line, line, span } from '../draw/mod.ts';

const KEYS: readonly (readonly [title: string, keys: readonly (readonly [string, string])[]])[] = [
  ['look', [
    ['1-9, Tab, Shift-Tab', 'another pane'],
    ['↑ ↓ j k PgUp PgDn g G', 'move'],
    ['Enter', 'all about the chosen row; Esc goes back'],
    ['/', 'filter; Esc clears it'],
    ['s, S', 'sort by the next column; the other way round'],
    ['y', 'copy the key of the chosen row (OSC 52)'],
    ['?', 'this help'],
    ['q, Ctrl-C', 'leave'],
  ]],
  ['act, each after a question', [
    ['c', 'chat: prompt the mesh from here'],
    ['m', 'pull a model'],
    ['d', 'drain: take no new jobs, or take them again'],
    ['p', 'set my price'],
    ['b, u', 'ban the chosen peer; lift a ban'],
    ['B, U', 'bond NCU; ask for bonded NCU back'],
    ['r', 'export the receipt of the chosen job'],
    ['a', 'replay all logs now'],
  ]],
  ['a recording (--replay)', [
    ['Space', 'play, pause'],
    ['← →', 'one event; with Shift ten'],
    ['[ ]', 'a hundred events'],
    ['Home End', 'first, last'],
    ['+ -', 'faster, slower'],
  ]],
];

/** The help, scrolled down by `top` lines. */
export function helpLines(top: number, height: number): Line[] {
  const all = KEYS.flatMap(([title, keys]) => [
    line(title, 'bold'),
    ...keys.map(([key, does]): Line => [span(`  ${fit(key, 24)}`, 'accent'), span(does)]),
    line(),
  ]);
  const from = Math.min(top, Math.max(0, all.length - height));
  return all.slice(from, from + height);
}
