import type { CalibrationJob } from '../audit/mod.ts';
import type { Engine } from '../engine/mod.ts';

/** Kinds of prompts, in turn: each bounds the null for itself. */
const KINDS = ['ordinary', 'long', 'noisy'] as const;

/** Sentences of an ordinary and of a long prompt, characters of a noisy one. */
const ORDINARY = 2, LONG = 12, NOISE = 40;

/** 0.7 and 1, in 1024ths; every tenth job is greedy. */
const TEMPERATURES = [717, 1024];
/** Every fifth job has this top-p, 0.95, in 65536ths. */
const TOP_P = 62_259, ALL = 65_536;

/** Beginnings of prompts. */
export const OPENINGS = [
  'It is a truth universally acknowledged',
  'The family of Dashwood had long been settled in Sussex',
  'Tell me about a walk in the rain',
  'Write to my sister about the ball',
  'Why did the captain leave without a word?',
  'Describe a small house by the sea',
  'What would you say to an old friend?',
  'She had nothing to do but to listen',
  'Name five things that float',
  'How far is it from here to the next town?',
  'Correct this sentence: he go home yesterday',
  'The clock struck nine when the door opened',
];
const ENDINGS = ['.', ', and then', '; but nobody knew why.', ' -- said the colonel.', '?', '!'];

/**
 * Jobs to calibrate with: ordinary, long and noisy prompts in turn.
 * @param random uniform in [0, 1)
 * @param maxTokens of an answer
 */
export async function calibrationJobs(
  engine: Pick<Engine, 'tokenizeChat'>,
  profileId: Uint8Array,
  count: number,
  maxTokens: number,
  random: () => number,
  signal: AbortSignal,
): Promise<CalibrationJob[]> {
  const jobs: CalibrationJob[] = [];
  for (let i = 0; i < count; i++) {
    const stratum = KINDS[i % KINDS.length]!, round = Math.floor(i / KINDS.length);
    const content = promptOf(stratum, random);
    signal.throwIfAborted();
    const prompt = await engine.tokenizeChat(profileId, [{ role: 'user', content }]);
    const tq = round % 10 === 9 ? 0 : TEMPERATURES[round % 2]!;
    jobs.push({
      stratum,
      prompt,
      sampling: { tq, pq: round % 5 === 3 ? TOP_P : ALL, maxTokens },
    });
  }
  return jobs;
}

function promptOf(kind: typeof KINDS[number], random: () => number): string {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  const sentences = (count: number) =>
    Array.from({ length: count }, () => pick(OPENINGS) + pick(ENDINGS)).join(' ');
  if (kind === 'ordinary') return sentences(ORDINARY);
  if (kind === 'long') return sentences(LONG);
  const printable = () => String.fromCodePoint(33 + Math.floor(94 * random()));
  return Array.from({ length: NOISE }, printable).join('');
}
