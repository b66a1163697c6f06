import { diagnose } from '../../daemon/mod.ts';
import { EXIT } from '../exit.ts';
import { NETWORK_FLAGS, openContext } from '../context.ts';
import { nodeOptions } from '../session.ts';
import type { Output } from '../output.ts';
import { defineCommand } from '../spec.ts';
import { oneLine } from '../text.ts';
import { Wrap } from '../wrap.ts';

const MARKS = { ok: 'ok     ', warning: 'warning', error: 'error  ' } as const;

const INDENT = ' '.repeat(18);

/** `nexus doctor` */
export const command = defineCommand({
  name: 'doctor',
  summary: 'find out what does not work, and what mends it',
  description:
    'Checks runtime, home, clock, disk, model, engine, GPU, what counts energy, what others attest, ' +
    'UDP and the DHT; one line each, with the command that mends what is wrong. Exits with 1 if ' +
    'there is an error.',
  flags: {
    model: {
      type: 'string',
      short: 'm',
      value: 'name',
      env: 'NEXUS_MODEL',
      help: 'model to check',
    },
    ...NETWORK_FLAGS,
  },
  examples: [{ command: 'nexus doctor', does: 'check everything' }],
  async run({ flags, out, signal }) {
    const context = await openContext(flags);
    const wish = { roles: new Set<never>(), models: [], mesh: true, announce: false };
    const options = await nodeOptions(context, wish);
    let failed = false;
    for await (const { name, state, detail, mend } of diagnose(options, signal)) {
      failed ||= state === 'error';
      await out.event({ event: 'check', name, state, detail, mend });
      const style = out.resultStyle;
      const color = { ok: style.green, warning: style.yellow, error: style.red }[state];
      await out.result(`${color(MARKS[state])} ${name.padEnd(9)} ${inColumn(detail, out)}`);
      if (mend === null) continue;
      await out.result(`${INDENT}${style.dim('mend:')} ${inColumn(`mend: ${mend}`, out).slice(6)}`);
    }
    return failed ? EXIT.failed : EXIT.done;
  },
});

/** A text that goes on below its beginning, where a person reads it on a terminal. */
function inColumn(text: string, out: Output): string {
  if (!out.terminal) return oneLine(text);
  const wrap = new Wrap(Deno.consoleSize().columns, INDENT);
  return (wrap.push(oneLine(text)) + wrap.flush()).trimStart();
}
