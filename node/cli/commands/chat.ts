import type { RunRequest } from '../../control/mod.ts';
import { AnswerView } from '../answer.ts';
import { PROMPT_FLAGS, requestOf } from '../prompt_flags.ts';
import { openSession } from '../session.ts';
import { defineCommand } from '../spec.ts';
import { isPiped, stdinLines } from '../stdin.ts';

const HELP = `/new    begin again
/system <text>  set the system prompt and begin again
/quit   leave (so does Ctrl-D)`;

/** `nexus chat` */
export const command = defineCommand({
  name: 'chat',
  summary: 'talk, one turn after the other',
  description:
    'An interactive session: each answer continues the conversation, on the node that holds its ' +
    'state where that is best. Ctrl-C stops an answer; at the prompt it leaves, as Ctrl-D does.',
  flags: PROMPT_FLAGS,
  examples: [
    { command: 'nexus chat', does: 'talk to the default model' },
    { command: 'nexus chat -s "You are terse."', does: 'with a system prompt' },
  ],
  async run({ flags, out, signal, interrupts }) {
    await using session = await openSession(flags, signal);
    let turns: RunRequest['messages'] = [];
    let system = flags.system;
    let parent: string | null = null;
    const prompt = isPiped() ? '' : '> ';
    const lines = stdinLines(out, signal);
    if (prompt !== '') await out.note(out.style.dim('/help for commands, Ctrl-D to leave'));
    for (;;) {
      if (prompt !== '') await out.raw(prompt);
      const { done: ended, value } = await lines.next();
      if (ended) {
        // Ctrl-D leaves the cursor behind the prompt.
        if (prompt !== '') await out.raw('\n');
        break;
      }
      const line = value.trim();
      if (line === '/quit' || line === '/exit') break;
      if (line === '/help') {
        await out.note(HELP);
        continue;
      }
      if (line === '/new' || line.startsWith('/system ')) {
        if (line !== '/new') system = line.slice('/system '.length).trim();
        turns = [];
        parent = null;
        continue;
      }
      const messages = [...turns, { role: 'user' as const, content: line }];
      const request = { ...requestOf({ ...flags, system }, messages), parent };
      const view = new AnswerView(out);
      const stopping = new AbortController();
      using _held = interrupts.hold(() => stopping.abort());
      try {
        const either = AbortSignal.any([signal, stopping.signal]);
        const done = await view.show(session.run(request, either));
        turns = [...messages, { role: 'assistant', content: done.text }];
        parent = done.job;
        if (out.terminal) await out.note(out.style.dim(view.summary(done)));
      } catch (thrown) {
        if (signal.aborted) throw thrown;
        if (stopping.signal.aborted) {
          await out.note(out.style.dim('stopped'));
          continue;
        }
        // The session goes on; the turn that failed is not part of it.
        await out.error(thrown);
      }
    }
  },
});
