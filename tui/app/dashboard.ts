import { Text, useInput, usePaste } from 'ink';
import { createElement, type ReactNode, useSyncExternalStore } from 'react';
import { type Line, paint } from '../draw/mod.ts';
import type { Controller } from './controller.ts';
import { frame } from './frame.ts';
import { keysOf } from './key.ts';

/**
 * The dashboard as a component. It is one text: a few hundred boxes would take longer to lay out than
 * all else takes together.
 */
export function Dashboard(
  { controller, colour }: { controller: Controller; colour: boolean },
): ReactNode {
  useSyncExternalStore(controller.subscribe, controller.version);
  useInput((input, key) => controller.keys(keysOf(input, key)));
  usePaste((text) => controller.pasted(text));
  const lines = frame(controller.ui, controller.screen);
  return createElement(
    Text,
    { wrap: 'truncate' },
    lines.map((one) => painted(one, colour)).join('\n'),
  );
}

/** Without the blanks at its end, which nobody sees; a line of nothing else keeps one. */
function painted(one: Line, colour: boolean): string {
  let last = one.length - 1;
  while (last > 0 && one[last]!.tone === 'plain' && one[last]!.text.trimEnd() === '') last--;
  return paint(one.slice(0, last + 1), colour) || ' ';
}
