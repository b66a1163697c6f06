/** Prompts that are reported on: `nexus calibrate` measures with others. */
import type { ChatMessage } from '../node/engine/mod.ts';

/** Kinds of prompts, in turn. */
export const KINDS = ['ordinary', 'long', 'noisy'] as const;
export type Kind = typeof KINDS[number];

const OPENINGS = [
  'No one who had ever seen Catherine Morland in her infancy',
  'Emma Woodhouse, handsome, clever, and rich',
  'Explain why the sky is blue',
  'Give me three reasons to stay at home',
  'What happened at the parsonage last night?',
  'Sir Walter Elliot, of Kellynch Hall',
  'How does one bake a plain cake?',
  'He had been expected for a week',
  'List the rooms of a large house',
  'My aunt was of another opinion',
  'Who wrote the letter that came on Tuesday?',
  'Translate into plain words what the lawyer said',
  'The carriage stood before the door',
  'Count the days until the harvest',
  'Nothing could be more agreeable than the evening',
  'Summarise the quarrel between the brothers',
];
const MIDDLES = [
  '',
  ' in the month of May',
  ' after a long illness',
  ', as everybody knows',
  ' without any delay',
  ' for the second time',
  ' with great care',
  ', to the surprise of Mrs. Norris',
];
const ENDINGS = ['.', ', and then', '; but nobody knew why.', ' -- said the colonel.', '?', '!'];

/** @param random uniform in [0, 1) */
export function reportPrompt(kind: Kind, random: () => number, long: number): string {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  const sentence = () => pick(OPENINGS) + pick(MIDDLES) + pick(ENDINGS);
  const many = (count: number) => Array.from({ length: count }, sentence).join(' ');
  if (kind === 'ordinary') return many(2);
  if (kind === 'long') return many(long);
  const printable = () => String.fromCodePoint(33 + Math.floor(94 * random()));
  return Array.from({ length: 40 }, printable).join('');
}

export function asked(content: string): ChatMessage[] {
  return [{ role: 'user', content }];
}
