/**
 * A node that lies on command; for tests, not shipped. It starts as `nexus up --json` does and takes
 * the same variables:
 *
 *     deno run -A tests/attacks/cheat.ts --profile austen-3.7m --weights other.gguf
 *
 * | flag                                      | what it does                                      |
 * | ----------------------------------------- | ------------------------------------------------- |
 * | `--profile`, `--role`, `--host`, …        | what it announces, as of `nexus up`               |
 * | `--weights other.gguf`                    | runs other weights                                |
 * | `--prefill-attack other.gguf`             | others write, the right ones give the bytes       |
 * | `--drafter-top3 other.gguf`               | others write what is among the right ones' best 3 |
 * | `--boundary 0.02 --other other.gguf`      | others write this share of the tokens             |
 * | `--seed-wrong`, `--temperature 0.5`       | draws otherwise than it was asked to              |
 * | `--system "..."`                          | hides a text in front of the prompt               |
 * | `--truncate 12`, `--edit-token 9`         | ends the answer early; changes a token            |
 * | `--kv q4_0`                               | keeps keys and values in a coarser format         |
 * | `--forge-artifact bytes,root,log,payload` | makes one of these up, see {@link Lie}            |
 * | `--forge-proof forged,replayed`           | logs a proof that shows nothing, or another one's  |
 * | `--replay-old-artifact`, `--withhold`     | logs an old artifact; never opens an answer       |
 * | `--audits ok,fraud,copy,silent`           | what it does as an auditor, one of these          |
 * | `--friend <key>`                          | as an auditor it clears this executor             |
 * | `--claim 2`, `--measured 0.5`             | says other speeds of itself; as a challenger      |
 * | `--cheat-rate 0.05`, `--cheat-after 20`   | lies in this share of the jobs; after so many     |
 *
 * Each line of its stdin is another {@link Lie} as JSON, from the next job on, or `null` for none;
 * it answers each with a `lying` event. `--other other.gguf` names weights for these. Other weights
 * must lie in the folder of its models: the engine can read nothing else.
 */
import { readLines } from '../../feeds/base/mod.ts';
import { serveControl } from '../../node/control/mod.ts';
import { Drafts } from '../../node/auditor/mod.ts';
import { methodsOf, NexusNode, type Role } from '../../node/daemon/mod.ts';
import { acquireNode } from '../../node/home/mod.ts';
import { loadNetwork } from '../../node/network/mod.ts';
import { PayloadStore } from '../../node/payloads/mod.ts';
import { openContext } from '../../node/session/mod.ts';
import { FalseAuditor } from './false_auditor.ts';
import { flagsOf } from './flags.ts';
import { Forger } from './forger.ts';
import { Liar, type Lie } from './lies.ts';
import { falseFigures } from './false_figures.ts';

const flags = flagsOf(Deno.args);
const context = await openContext({ host: flags.host, bootstrap: flags.bootstrap });
const { home, settings } = context;
const lease = await acquireNode(home.paths);
if (!lease.owner) throw new Error(`a node of this home runs already (${lease.pid})`);

const tell = (event: Record<string, unknown>) => console.log(JSON.stringify(event));
let liar!: Liar;
const node = await NexusNode.start({
  home,
  settings,
  network: await loadNetwork(home.paths, settings.network.value),
  roles: new Set(flags.roles as Role[]),
  models: [flags.profile],
  mesh: true,
  announce: true,
  ...(flags.kv === null ? {} : { engineProcess: coarseEngine(flags.kv) }),
  wrapEngine: (engine) => {
    liar = new Liar(engine, flags.other);
    return liar.engine;
  },
});
node.bus.on(tell);
/** Past its own forgeries. */
const append = node.logs.append.bind(node.logs);
const forger = new Forger(node.signer, () => liar.told);
const auditor = new FalseAuditor(node, () => liar.lie);
lieInLogs();
lieToPeers();
const stop = Promise.withResolvers<void>();
const control = await serveControl(home.paths.socket, methodsOf(node, stop.resolve));
Deno.addSignalListener('SIGTERM', stop.resolve);
Deno.addSignalListener('SIGINT', stop.resolve);
obey(flags.lie);
await node.serve([flags.profile], new AbortController().signal);
const { announced } = await node.lend();
tell({ event: 'ready', key: node.key, announced, pids: await node.pids() });
follow().then(stop.resolve, stop.resolve);
await stop.promise;
await control.close();
await node.close();
lease.release();
Deno.exit(0);

async function follow(): Promise<void> {
  for await (
    const line of readLines(
      Deno.stdin.readable,
      1 << 20,
      (bytes) => new Error(`over ${bytes} bytes`),
    )
  ) {
    if (line !== '') obey(JSON.parse(line));
  }
}

function obey(lie: Lie | null): void {
  liar.obey(lie);
  tell({ event: 'lying', lie });
  if (lie?.flood !== undefined) void flood(lie.flood);
}

async function flood(entries: number): Promise<void> {
  for (let left = entries; left > 0; left -= 4096) {
    const blocks = Array.from({ length: Math.min(left, 4096) }, (_, i) => Uint8Array.of(i));
    await append('artifacts', blocks);
  }
  tell({ event: 'flooded', entries });
}

/** It believes that it has logged what it has not. */
function lieInLogs(): void {
  const { logs } = node;
  logs.append = async (log, blocks) => {
    const written: Uint8Array[] = [];
    for (const block of blocks) {
      const forged = await forger.block(block);
      const said = forged && await auditor.block(forged);
      if (said !== null) written.push(falseFigures(said, liar.lie));
    }
    return written.length === 0 ? { index: 0, length: 0 } : await append(log, written);
  };
}

function lieToPeers(): void {
  const { jobs } = node;
  const handle = jobs.handle.bind(jobs);
  jobs.handle = (channel) => handle(forger.channel(channel));
  const keep = PayloadStore.prototype.keep;
  PayloadStore.prototype.keep = function (kept) {
    return keep.call(this, forger.payload(kept));
  };
  const draft = Drafts.prototype.keep;
  Drafts.prototype.keep = function (verdict) {
    auditor.change(verdict);
    return draft.call(this, verdict);
  };
}

function coarseEngine(kv: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ['run', '-A', '--no-prompt', new URL('./kv_engine.ts', import.meta.url).pathname, kv],
    stdin: 'piped',
    stdout: 'piped',
    stderr: 'piped',
  }).spawn();
}
