import { NexusError } from '../../../feeds/base/mod.ts';
import { parseRunRequest } from '../../control/mod.ts';
import { AnswerView, type Done } from '../answer.ts';
import { EXIT } from '../exit.ts';
import { answerLines } from '../lines.ts';
import { type Output } from '../output.ts';
import { PROMPT_FLAGS, requestOf } from '../prompt_flags.ts';
import { openSession } from '../session.ts';
import { defineCommand } from '../spec.ts';
import { isPiped, readStdin, stdinLines } from '../stdin.ts';
import { writePrivate } from '../private_file.ts';

/** `nexus run` */
export const command = defineCommand({
  name: 'run',
  summary: 'answer a prompt',
  description:
    'Without a prompt, stdin is the prompt; with both, stdin is appended as context. The answer ' +
    'streams to stdout, everything else goes to stderr when stdout is no terminal. With --verify a ' +
    'node that is drawn at random reads it once more: exit code 4 if it objects.',
  flags: {
    ...PROMPT_FLAGS,
    lines: { type: 'boolean', help: 'each line of stdin is a job; answers in order' },
    receipt: { type: 'string', value: 'file', help: 'write the receipt there' },
    verify: { type: 'boolean', help: 'have the answer checked by another node, and wait for it' },
  },
  positionals: [{ name: 'prompt', help: 'the prompt', many: true }],
  examples: [
    { command: 'nexus run "Why is the sky blue?"', does: 'an answer' },
    { command: 'cat notes.txt | nexus run "Summarise this"', does: 'stdin as context' },
    { command: 'nexus run --lines < questions.txt', does: 'one answer a line, in order' },
    {
      command: 'nexus run --where mesh --receipt hi.receipt "Hi"',
      does: 'by a peer, with receipt',
    },
    { command: 'nexus run --where mesh --verify "Hi"', does: 'by a peer, checked by another' },
  ],
  async run({ flags, positionals, out, signal }) {
    const given = positionals.join(' ');
    if (flags.lines && flags.receipt !== undefined) {
      throw new NexusError('USAGE', '--receipt is for one answer, not for --lines', {
        hint: 'with --json each answer tells where its receipt lies',
      });
    }
    const asked = (content: string) => {
      const verify = flags.verify === true;
      return { ...requestOf(flags, [{ role: 'user', content }]), verify };
    };
    // Checked before a node is started for it.
    parseRunRequest(requestOf(flags, [{ role: 'user', content: '-' }]));
    if (flags.lines) {
      await using session = await openSession(flags, signal);
      const ask = (line: string) => {
        const content = given === '' ? line : `${given}\n\n${line}`;
        return session.run(asked(content), signal);
      };
      return await answerLines(stdinLines(out, signal), ask, out);
    }
    const content = await promptOf(given, out, signal);
    await using session = await openSession(flags, signal);
    const view = new AnswerView(out);
    const done = await view.show(session.run(asked(content), signal));
    if (out.terminal) await out.note(out.style.dim(view.summary(done)));
    if (flags.receipt !== undefined) await saveReceipt(done, flags.receipt, out);
    if (done.finish === 'cancelled') return EXIT.interrupted;
    if (view.objected) return EXIT.check;
  },
});

async function promptOf(given: string, out: Output, signal: AbortSignal): Promise<string> {
  const piped = isPiped() ? (await readStdin(out, signal)).replace(/\n$/, '') : '';
  if (given === '' && piped === '') {
    throw new NexusError('USAGE', 'there is no prompt', {
      hint: 'nexus run "Why is the sky blue?", or pipe a prompt in',
    });
  }
  return given !== '' && piped !== '' ? `${given}\n\n${piped}` : given || piped;
}

async function saveReceipt(
  done: Done,
  path: string,
  out: Output,
): Promise<void> {
  if (done.receipt === null) {
    throw new NexusError('RECEIPT_MISSING', 'the answer came without a receipt', {
      hint: done.warnings.join('; ') || 'run with --verbose',
    });
  }
  await writePrivate(path, await Deno.readTextFile(done.receipt));
  await out.detail(`receipt: ${path}`);
}
