import { Text, Transform, useInput, usePaste } from 'ink';
import { createElement, type ReactNode, useSyncExternalStore } from 'react';
import { type Line, paint } from '../draw/mod.ts';
import type { Controller } from './controller.ts';
import { frame } from './frame.ts';
import { keysOf } from './key.ts';

/**
 * The dashboard as a component: one text of as many lines as the screen has, each of which becomes a
 * line of the frame as it is drawn. As text of their own they would be measured, cleaned and read
 * twice in every frame, which takes longer than all else takes together.
 */
export function Dashboard(
  { controller, colour }: { controller: Controller; colour: boolean },
): ReactNode {
  useSyncExternalStore(controller.subscribe, controller.version);
  useInput((input, key) => controller.keys(keysOf(input, key)));
  usePaste((text) => controller.pasted(text));
  const lines = frame(controller.ui, controller.screen);
  const transform = (_: string, i: number) => painted(lines[i]!, colour);
  const blank = createElement(Text, null, '\n'.repeat(lines.length - 1));
  return createElement(Transform, { transform, children: blank });
}

/** Without the blanks at its end, which nobody sees. */
function painted(one: Line, colour: boolean): string {
  let last = one.length - 1;
  while (last > 0 && one[last]!.tone === 'plain' && one[last]!.text.trimEnd() === '') last--;
  return paint(one.slice(0, last + 1), colour);
}
