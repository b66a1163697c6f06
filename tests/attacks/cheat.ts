/**
 * A node that lies on command; for tests, not shipped. It starts as `nexus up --json` does and takes
 * the same variables; each line of its stdin is a {@link Lie} as JSON, from the next job on, or
 * `null` for none. It answers each with a `lying` event.
 *
 * `deno run -A --config deno.json tests/attacks/cheat.ts [--model name] [--weights other.gguf] [lie]`
 *
 * The other weights must lie in the folder of its models: the engine can read nothing else.
 */
import { parseArgs } from 'node:util';
import { decodeRecord } from '../../feeds/records/mod.ts';
import { serveControl } from '../../node/control/mod.ts';
import { methodsOf, NexusNode } from '../../node/daemon/mod.ts';
import { acquireNode } from '../../node/home/mod.ts';
import { readLines } from '../../node/control/mod.ts';
import { loadNetwork } from '../../node/network/mod.ts';
import { openContext } from '../../node/session/mod.ts';
import { Liar, type Lie } from './lies.ts';

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'austen-3.7m' },
    weights: { type: 'string' },
    host: { type: 'string' },
    bootstrap: { type: 'string' },
  },
});

const context = await openContext({
  host: values.host,
  bootstrap: values.bootstrap?.split(','),
});
const { home, settings } = context;
const lease = await acquireNode(home.paths);
if (!lease.owner) throw new Error(`a node of this home runs already (${lease.pid})`);

const tell = (event: Record<string, unknown>) => console.log(JSON.stringify(event));
let liar: Liar | null = null;
const node = await NexusNode.start({
  home,
  settings,
  network: await loadNetwork(home.paths, settings.network.value),
  roles: new Set(['executor', 'requester']),
  models: [values.model],
  mesh: true,
  announce: true,
  wrapEngine: (engine) => {
    liar = new Liar(engine, values.weights ?? null);
    return liar.engine;
  },
});
node.bus.on(tell);
const { logs } = node;
const append = logs.append.bind(logs);
// It believes that it has opened what it withholds.
logs.append = (log, blocks) =>
  liar?.lie?.withhold === true && blocks.every((block) => decodeRecord(block).type === 'open')
    ? Promise.resolve({ index: 0, length: 0 })
    : append(log, blocks);
const stop = Promise.withResolvers<void>();
const control = await serveControl(home.paths.socket, methodsOf(node, stop.resolve));
Deno.addSignalListener('SIGTERM', stop.resolve);
Deno.addSignalListener('SIGINT', stop.resolve);
obey(positionals[0] ?? 'null');
await node.serve([values.model], new AbortController().signal);
const { announced } = await node.lend();
tell({ event: 'ready', key: node.key, announced, pids: await node.pids() });
follow().then(stop.resolve, stop.resolve);
await stop.promise;
await control.close();
await node.close();
lease.release();
Deno.exit(0);

async function follow(): Promise<void> {
  for await (const line of readLines(Deno.stdin.readable)) if (line !== '') obey(line);
}

function obey(line: string): void {
  const lie = JSON.parse(line) as Lie | null;
  liar!.lie = lie;
  tell({ event: 'lying', lie });
}
