import { attachOrStart } from '../session/mod.ts';
import { type RunEvent, told } from './events.ts';
import {
  contextOf,
  type HomeOptions,
  type Message,
  nodeOptionsOf,
  type PromptOptions,
  requestOf,
} from './options.ts';

/** Options of {@link run}. */
export interface RunOptions extends HomeOptions, PromptOptions {}

/**
 * Answers a prompt. Uses the node that runs on this home, if one does; else starts what is needed
 * and stops it afterwards. Whoever does not read holds the answer back; leaving the loop cancels it.
 *
 * @example
 * ```ts
 * import { run } from './mod.ts';
 *
 * for await (const event of run('Why is the sky blue?', { model: 'austen-3.7m', maxTokens: 40 })) {
 *   if (event.event === 'token') await Deno.stdout.write(new TextEncoder().encode(event.text));
 *   if (event.event === 'done') console.log(`\n${event.outputTokens} tokens, ${event.finish}`);
 * }
 * ```
 *
 * @param prompt a text, or the messages of a conversation, the last one to be answered
 * @returns events in their order; `done` is the last one, with `verify` followed by `check` and
 * `verdict`
 * @throws {NexusError} `BAD_REQUEST` naming the field, `MODEL_UNKNOWN`, `NOBODY_REACHABLE`, …: codes
 * are stable, `hint` says what to do
 */
export async function* run(
  prompt: string | readonly Message[],
  options: RunOptions = {},
): AsyncGenerator<RunEvent, void, void> {
  const signal = options.signal ?? new AbortController().signal;
  const request = requestOf(prompt, options);
  const context = await contextOf(options);
  const node = () =>
    nodeOptionsOf(context, {
      roles: ['requester'],
      models: [],
      mesh: context.settings.where.value !== 'local',
      announce: false,
    });
  await using session = await attachOrStart(context, node, signal);
  yield* told(session.run(request, signal), signal);
}
