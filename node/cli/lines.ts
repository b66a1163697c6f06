import { asNexusError } from '../../feeds/base/mod.ts';
import type { RunEvent } from '../daemon/mod.ts';
import { AnswerView } from './answer.ts';
import { EXIT } from './exit.ts';
import { describe, type Output } from './output.ts';

/** Jobs in progress at once: enough to fill a mesh, few enough to bound what waits for its turn. */
const AT_ONCE = 16;

/**
 * Answers each line as a job of its own, many at once, and prints the answers in the order of the
 * lines. A job that fails leaves an empty line and is told on stderr.
 * @returns the exit code: failed if any job failed
 */
export async function answerLines(
  lines: AsyncIterable<string>,
  ask: (line: string) => AsyncIterable<RunEvent>,
  out: Output,
): Promise<number> {
  const waiting: { number: number; answer: Promise<string | Error> }[] = [];
  let failed = false, objected = false, number = 0;
  const printFirst = async () => {
    const { number, answer } = waiting.shift()!;
    const text = await answer;
    if (text instanceof Error) {
      failed = true;
      const error = asNexusError(text);
      await out.event({ event: 'error', line: number, ...error.toJSON() });
      await out.warn(`line ${number}: ${describe(error, out.style)}`);
      return await out.answer('\n');
    }
    await out.answer(text.endsWith('\n') ? text : `${text}\n`);
  };
  for await (const line of lines) {
    if (waiting.length >= AT_ONCE) await printFirst();
    number++;
    const view = new AnswerView(out, { line: number }, false);
    const answer = view.show(ask(line)).then((done) => {
      objected ||= view.objected;
      return done.text;
    }, (thrown: Error) => thrown);
    waiting.push({ number, answer });
  }
  while (waiting.length > 0) await printFirst();
  if (failed) return EXIT.failed;
  return objected ? EXIT.check : EXIT.done;
}
