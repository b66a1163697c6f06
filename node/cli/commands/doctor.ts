import { diagnose } from '../../daemon/mod.ts';
import { EXIT } from '../exit.ts';
import { NETWORK_FLAGS, openContext } from '../context.ts';
import { nodeOptions } from '../session.ts';
import { defineCommand } from '../spec.ts';

const MARKS = { ok: 'ok     ', warning: 'warning', error: 'error  ' } as const;

/** `nexus doctor` */
export const command = defineCommand({
  name: 'doctor',
  summary: 'find out what does not work, and what mends it',
  description:
    'Checks runtime, home, clock, disk, model, engine, GPU, UDP and the DHT; one line each, with the ' +
    'command that mends what is wrong. Exits with 1 if there is an error.',
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
      await out.result(`${color(MARKS[state])} ${name.padEnd(9)} ${detail}`);
      if (mend !== null) await out.result(`${' '.repeat(18)}${style.dim('mend:')} ${mend}`);
    }
    return failed ? EXIT.failed : EXIT.done;
  },
});
