import { resolve } from 'node:path';
import { NexusError } from '../../../feeds/base/mod.ts';
import { type RunRequest, streamCall } from '../../control/mod.ts';
import { attachedTo, watchNode } from '../../session/mod.ts';
import { type Context, openContext } from '../context.ts';
import { defineCommand } from '../spec.ts';
import { wantsColor } from '../text.ts';
import type { NodeLink } from '../../../tui/mod.ts';

/** Columns of a snapshot that no terminal reads. */
const WIDE = 160;

/** `nexus tui` */
export const command = defineCommand({
  name: 'tui',
  summary: 'a live dashboard of the running node',
  description:
    'Shows peers, jobs and logs as they change, and acts on them: ? in the dashboard lists the keys. ' +
    'Waits for a node where none runs; several dashboards may look at one node.',
  flags: {
    'read-only': { type: 'boolean', help: 'look, and change nothing' },
    once: { type: 'boolean', help: 'print all of it once as plain text, and end' },
    replay: { type: 'string', value: 'folder', help: 'step through the logs of a home' },
  },
  examples: [
    { command: 'nexus tui', does: 'watch this node' },
    { command: 'nexus tui --once', does: 'a snapshot for scripts and screen readers' },
    { command: 'nexus tui --once --json | jq .peers', does: 'the same for programs' },
    { command: 'nexus tui --replay ./yesterday', does: 'step through what was recorded' },
  ],
  async run({ flags, out, signal }) {
    if (out.json && !flags.once) {
      throw new NexusError('USAGE', '--json goes with --once', { hint: 'nexus tui --once --json' });
    }
    // React decides by it, when it is loaded, how much it checks.
    Deno.env.set('NODE_ENV', 'production');
    const tui = await import('../../../tui/mod.ts');
    const events = flags.replay === undefined ? null : await recorded(flags.replay, signal);
    const link = events === null ? linkOf(await openContext({ home: flags.home })) : null;
    if (!flags.once) {
      const terminal = Deno.stdout.isTerminal();
      return await tui.runDashboard({
        link,
        ...(events === null ? {} : { events }),
        readOnly: flags['read-only'],
        colour: wantsColor(Deno.env.toObject(), terminal),
        signal,
      });
    }
    const state = link === null
      ? tui.stateAfter(events ?? [])
      : await tui.stateNow(link, Date.now, signal);
    await out.event({ event: 'state', ...tui.stateJson(state) });
    const now = link === null ? state.at : Date.now();
    const columns = Deno.stdout.isTerminal() ? Deno.consoleSize().columns : WIDE;
    for (const line of tui.snapshotText({ state, now }, columns)) await out.result(line);
  },
});

/** The running node of a home, as the dashboard reaches it. */
function linkOf(context: Context): NodeLink {
  const { socket } = context.home.paths;
  const session = attachedTo(context);
  return {
    watch: (signal) => watchNode(socket, signal),
    call: (method, params, signal) => {
      const { to } = params;
      const whole = typeof to === 'string' ? { ...params, to: resolve(to) } : params;
      return streamCall(socket, method, whole, signal);
    },
    run: (request, signal) => session.run(request as unknown as RunRequest, signal),
  };
}

/** What was recorded in a folder, in order. */
async function recorded(folder: string, signal: AbortSignal): Promise<{ at: number }[]> {
  throw new NexusError('NOT_YET', `${folder} ${signal.aborted}`);
}
