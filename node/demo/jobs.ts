import { NexusError } from '../../feeds/base/mod.ts';
import type { RunRequest } from '../control/mod.ts';
import { EMBEDDED_MODEL, type NexusNode } from '../daemon/mod.ts';
import type { DemoEvent } from './events.ts';
import type { DemoNode } from './mesh.ts';

const TOKENS = 160;

const PROMPTS = [
  'It was a fine morning, and the whole party',
  'The letter was from her sister, and',
  'Mr. Knightley said nothing, but',
  'They walked on in silence towards the',
  'There was a dance at the assembly rooms, where',
  'Her mother was quite certain that',
  'The carriage came to the door at last, and',
  'Nobody in the neighbourhood could',
];

/** The end of a run, as far as it matters here. */
export interface Answered {
  job: string;
  text: string;
  outputTokens: number;
  executor: string;
  totalMs: number;
  receipt: string | null;
}

/** A request as the demonstration makes them: by peers alone, with the embedded model. */
export function requestOf(prompt: string, maxTokens: number, seed: string): RunRequest {
  return {
    messages: [{ role: 'user', content: prompt }],
    model: EMBEDDED_MODEL,
    where: 'mesh',
    network: null,
    temperature: 0.7,
    topP: 1,
    maxTokens,
    seed,
    stops: [],
    executor: null,
    priceCap: null,
    parent: null,
    receipt: 'with text',
  };
}

/** Runs a prompt to its end. */
export async function answer(
  asker: NexusNode,
  request: RunRequest,
  signal: AbortSignal,
): Promise<Answered> {
  for await (const event of asker.run(request, signal)) {
    if (event.event === 'done') return event as unknown as Answered;
  }
  throw new NexusError('DEMO_NO_ANSWER', 'an answer ended without its end');
}

/** Many prompts at once; tells each answer as it comes, returns the sums. */
export async function* answersAtOnce(
  asker: NexusNode,
  nodes: readonly DemoNode[],
  count: number,
  signal: AbortSignal,
): AsyncGenerator<DemoEvent, { jobs: number; tokens: number; ms: number }, void> {
  const began = performance.now();
  const running = new Map(Array.from({ length: count }, (_, i) => {
    const request = requestOf(PROMPTS[i % PROMPTS.length]!, TOKENS, seedOf(i));
    return [i, answer(asker, request, signal).then((done) => ({ i, done }))];
  }));
  let tokens = 0;
  while (running.size > 0) {
    const { i, done } = await Promise.race(running.values());
    running.delete(i);
    tokens += done.outputTokens;
    yield {
      event: 'answer',
      job: done.job,
      node: numberOf(nodes, done.executor),
      executor: done.executor,
      tokens: done.outputTokens,
      totalMs: done.totalMs,
      text: done.text,
    };
  }
  return { jobs: count, tokens, ms: performance.now() - began };
}

/** Number of the node with that key. */
export function numberOf(nodes: readonly DemoNode[], key: string): number {
  return nodes.find((node) => node.key === key)?.number ?? 0;
}

/** The same seeds in every demonstration. */
export function seedOf(number: number): string {
  return number.toString(16).padStart(64, '0');
}
