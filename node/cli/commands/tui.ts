import { resolve } from 'node:path';
import { messageOf, NexusError } from '../../../feeds/base/mod.ts';
import { type RunRequest, streamCall } from '../../control/mod.ts';
import { attachedTo, watchNode } from '../../session/mod.ts';
import { type Context, openContext } from '../context.ts';
import type { Output } from '../output.ts';
import { nodeBinary } from '../runtime.ts';
import { defineCommand } from '../spec.ts';
import { wantsColor } from '../text.ts';
import type { NodeLink, State } from '../../../tui/mod.ts';

// Not a literal: a dashboard of a running node reads no logs itself.
const RECORD = new URL('../../record/mod.ts', import.meta.url).href;

/** Columns of a snapshot that no terminal reads. */
const WIDE = 160;

/** `nexus tui` */
export const command = defineCommand({
  name: 'tui',
  summary: 'a live dashboard of the running node',
  description:
    'Shows peers, jobs, logs, audits and money as they change, and acts on them: ? in the dashboard lists ' +
    'the keys. ' +
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
    if (flags.replay !== undefined) {
      return await replay(flags.replay, flags, out, tui, signal);
    }
    const link = linkOf(await openContext({ home: flags.home }));
    if (flags.once) {
      const state = await tui.stateNow(link, Date.now, signal);
      return await snapshot(state, Date.now(), out, tui);
    }
    const readOnly = flags['read-only'];
    await tui.runDashboard({ link, readOnly, colour: colour(), signal });
  },
});

type Tui = typeof import('../../../tui/mod.ts');

/** Steps through what the logs in a folder tell, or prints what it came to. */
async function replay(
  folder: string,
  { once }: { once: boolean },
  out: Output,
  tui: Tui,
  signal: AbortSignal,
): Promise<void> {
  const node = nodeBinary();
  const options = node === undefined ? {} : { nodeBinary: node };
  const { recordOf } = await import(RECORD) as typeof import('../../record/mod.ts');
  const recorded = await tui.record(recordOf(folder, signal, options));
  if (!once) {
    await tui.runDashboard({ link: null, recorded, readOnly: true, colour: colour(), signal });
    return;
  }
  const state = new tui.Recording(recorded).stateAt(recorded.events.length);
  await snapshot(state, state.at, out, tui);
}

/** All of it as text, or as an event. */
async function snapshot(state: State, now: number, out: Output, tui: Tui): Promise<void> {
  await out.event({ event: 'state', ...tui.stateJson(state) });
  const columns = Deno.stdout.isTerminal() ? Deno.consoleSize().columns : WIDE;
  for (const line of tui.snapshotText({ state, now }, columns)) await out.result(line);
}

function colour(): boolean {
  return wantsColor(Deno.env.toObject(), Deno.stdout.isTerminal());
}

async function writeReceipt(to: string, result: unknown): Promise<void> {
  const path = resolve(to);
  try {
    const { text } = result as { text: string };
    await Deno.writeTextFile(path, text, { mode: 0o600, createNew: true });
  } catch (cause) {
    throw new NexusError('RECEIPT_NOT_WRITTEN', `cannot write ${path}: ${messageOf(cause)}`, {
      hint: 'name a new file in this folder or in the home',
      cause,
    });
  }
}

/** The running node of a home, as the dashboard reaches it. */
function linkOf(context: Context): NodeLink {
  const { socket } = context.home.paths;
  const session = attachedTo(context);
  return {
    watch: (signal) => watchNode(socket, signal),
    call: async function* (method, { to, ...params }, signal) {
      const result = yield* streamCall(socket, method, params, signal);
      // The node hands out a receipt, and writes nowhere.
      if (method === 'receipt' && typeof to === 'string') await writeReceipt(to, result);
      return result;
    },
    run: (request, signal) => session.run(request as unknown as RunRequest, signal),
  };
}
