import { NexusError } from '../../../feeds/base/mod.ts';
import { type DemoEvent, type DemoSummary, runDemo, summaryRows } from '../../demo/mod.ts';
import { EXIT } from '../exit.ts';
import { DemoView } from '../demo_view.ts';
import { table } from '../columns.ts';
import type { Output } from '../output.ts';
import { nodeBinary } from '../runtime.ts';
import { defineCommand } from '../spec.ts';

const LEAST = 2;
const MOST = 16;

/** `nexus demo` */
export const command = defineCommand({
  name: 'demo',
  summary: 'watch a small mesh work on this machine',
  description:
    'Starts several nodes on loopback, each in processes of its own, sends jobs through them, kills ' +
    'one in the middle of an answer, replays the logs and checks a receipt. Uses the embedded model ' +
    'and temporary homes; nothing is fetched, nothing stays. Takes some 15 s. Exits with 4 if a ' +
    'check fails.',
  flags: {
    nodes: { type: 'integer', value: 'count', help: `how many, ${LEAST} to ${MOST} (default 4)` },
  },
  examples: [
    { command: 'nexus demo', does: 'four nodes' },
    { command: 'nexus demo --nodes 2', does: 'the least for a failover' },
    { command: 'nexus demo --json', does: 'each step as an event' },
  ],
  async run({ flags, out, signal }) {
    const nodes = flags.nodes ?? 4;
    if (nodes < LEAST || nodes > MOST) {
      throw new NexusError('USAGE', `--nodes must be ${LEAST} to ${MOST}, not ${nodes}`);
    }
    const summary = await show(runDemo({ nodes, node: nodeBinary() ?? 'node', signal }), out);
    signal.throwIfAborted();
    return summary?.ok === true ? EXIT.done : EXIT.check;
  },
});

async function show(events: AsyncIterable<DemoEvent>, out: Output): Promise<DemoSummary | null> {
  const view = out.quiet ? null : new DemoView(out);
  let summary: DemoSummary | null = null;
  try {
    for await (const event of events) {
      await out.event({ ...event });
      await view?.show(event);
      if (event.event === 'demo') summary = event;
    }
  } finally {
    await view?.close();
  }
  if (summary !== null) {
    if (!out.quiet) await out.result('');
    await out.result(table(summaryRows(summary)).replace(/^/gm, out.quiet ? '' : '  '));
  }
  return summary;
}
