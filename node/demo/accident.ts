import { NexusError } from '../../feeds/base/mod.ts';
import type { NexusNode } from '../daemon/mod.ts';
import type { RunRequest } from '../control/mod.ts';
import type { DemoEvent } from './events.ts';
import { type Answered, numberOf, requestOf, seedOf } from './jobs.ts';
import type { DemoNode } from './mesh.ts';

const PROMPT = 'The letter was from Mr. Darcy.';
const TOKENS = 420;
/** Tokens after which the strike comes. An executor runs ahead of its reader by 64 at most. */
const STRIKE_AT = 120;
/** Its answer is long; with other rules of the network, or another processor, a later one's is. */
const FIRST_SEED = 0xa1;
const MOST_RUNS = 24;

/** How the disturbed answer went. */
export interface Accident {
  request: RunRequest;
  done: Answered;
  /** From the kill to the first token of the next node; null if the answer was over before. */
  gapMs: number | null;
  /** Answers that were needed, and their tokens. */
  runs: number;
  tokens: number;
}

/** Asks for a long answer and kills the node that writes it in the middle. */
export async function* accident(
  asker: NexusNode,
  nodes: readonly DemoNode[],
  signal: AbortSignal,
): AsyncGenerator<DemoEvent, Accident, void> {
  const dead = new Set<DemoNode>();
  let tokens = 0;
  for (let runs = 1;; runs++) {
    const request = requestOf(PROMPT, TOKENS, seedOf(FIRST_SEED + runs - 1));
    const { done, gapMs } = yield* strike(asker, nodes, request, dead, signal);
    tokens += done.outputTokens;
    if (gapMs !== null || runs === MOST_RUNS || nodes.length - dead.size < 2) {
      return { request, done, gapMs, runs, tokens };
    }
  }
}

async function* strike(
  asker: NexusNode,
  nodes: readonly DemoNode[],
  request: RunRequest,
  dead: Set<DemoNode>,
  signal: AbortSignal,
): AsyncGenerator<DemoEvent, { done: Answered; gapMs: number | null }, void> {
  let at = 0, executor = '', killedAt = 0, asked = false;
  let gapMs: number | null = null;
  let lost: { from: number; tokens: number } | null = null;
  for await (const event of asker.run(request, signal)) {
    switch (event.event) {
      case 'route':
        executor = event.executor as string;
        break;
      case 'failover':
        lost = { from: numberOf(nodes, event.from as string), tokens: event.tokens as number };
        break;
      case 'token': {
        const node = numberOf(nodes, executor);
        if (!asked) yield { event: 'prompt', text: PROMPT, node, executor };
        asked = true;
        if (lost !== null) {
          gapMs ??= performance.now() - killedAt;
          yield { event: 'failover', ...lost, to: node, executor, gapMs };
          lost = null;
        }
        yield { event: 'token', text: event.text as string, node };
        at += (event.ids as number[]).length;
        const victim = nodes.find(({ key }) => key === executor);
        if (at < STRIKE_AT || killedAt > 0 || victim === undefined) break;
        // Nothing is read meanwhile: the executor waits, with most of the answer still to be made.
        dead.add(victim);
        await victim.kill();
        killedAt = performance.now();
        yield { event: 'kill', node, executor, tokens: at };
        break;
      }
      case 'done':
        return { done: event as unknown as Answered, gapMs };
    }
  }
  throw new NexusError('DEMO_NO_ANSWER', 'an answer ended without its end');
}
