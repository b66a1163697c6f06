import { NexusError, toHex } from '../../feeds/base/mod.ts';
import { type NodeEvent, serveControl } from '../control/mod.ts';
import { methodsOf, NexusNode, peersOf, type Role } from '../daemon/mod.ts';
import { acquireNode } from '../home/mod.ts';
import { type RunEvent, told } from './events.ts';
import {
  contextOf,
  type HomeOptions,
  type Message,
  nodeOptionsOf,
  type PromptOptions,
  requestOf,
} from './options.ts';

/** Options of {@link createNode}. */
export interface CreateNodeOptions extends HomeOptions {
  /** Models to serve; default `$NEXUS_MODEL`, else `smollm2-135m`, which is fetched at need. */
  models?: readonly string[];
  /** Default `executor` and `requester`. Without `executor` no model is loaded or announced. */
  roles?: readonly Role[];
  /** Gives up starting; a node that has started is ended by `close`. */
  signal?: AbortSignal;
}

/** A connected peer, as it describes itself. */
export interface Peer {
  /** Identity, hex. */
  key: string;
  /** Name that its owner gave it: a claim. */
  name: string | null;
  /** Measured round trip, milliseconds. */
  rttMs: number | null;
  models: { name: string; profile: string; price: number; warm: boolean }[];
}

/** A running node. It is what `nexus run` and other programs on this home attach to. */
export interface Node extends AsyncDisposable {
  /** Identity, hex. */
  readonly key: string;
  /** Absolute path of its home. */
  readonly home: string;
  readonly network: { readonly name: string; readonly id: string };
  /** Names of the models that it serves. */
  readonly models: readonly string[];
  /** True if peers can find it; else `detail` says why not. */
  readonly announced: boolean;
  readonly detail: string;
  /** Answers a prompt; see {@link run}. */
  run(
    prompt: string | readonly Message[],
    options?: PromptOptions,
  ): AsyncGenerator<RunEvent, void, void>;
  /** What happens from now on, as `nexus up --json` prints it, until the signal aborts. */
  events(signal: AbortSignal): AsyncGenerator<NodeEvent, void, void>;
  /** Peers that are connected now. */
  peers(): Peer[];
  /** Ends jobs in progress within some seconds, says goodbye to peers, stops. */
  close(): Promise<void>;
}

/**
 * Starts the node of a home, as `nexus up` does, and resolves when it is ready.
 *
 * @example
 * ```ts
 * import { createNode } from './mod.ts';
 *
 * await using node = await createNode({ models: ['austen-3.7m'] });
 * console.log(`${node.key} serves ${node.models} in ${node.network.name}`);
 * for await (const event of node.run('Good morning!', { maxTokens: 20 })) {
 *   if (event.event === 'done') console.log(event.text);
 * }
 * ```
 *
 * @throws {NexusError} `HOME_LOCKED` if a node of this home runs already, `SETTING_INVALID`,
 * `NETWORK_UNKNOWN`, `MODEL_UNKNOWN`, …: codes are stable, `hint` says what to do
 */
export async function createNode(options: CreateNodeOptions = {}): Promise<Node> {
  const signal = options.signal ?? new AbortController().signal;
  signal.throwIfAborted();
  const roles = options.roles ?? ['executor', 'requester'];
  const context = await contextOf(options);
  const { model } = context.settings;
  const models = options.models ?? (model.value === null ? [] : [model.value]);
  const { paths } = context.home;
  const wish = { roles, models, mesh: true, announce: true };
  const whole = await nodeOptionsOf(context, wish);
  const lease = await acquireNode(paths);
  if (!lease.owner) {
    throw new NexusError('HOME_LOCKED', `a node of this home runs already (${lease.pid})`, {
      hint: 'use it with run(), or choose another home',
    });
  }
  const stack = new AsyncDisposableStack();
  try {
    stack.defer(() => lease.release());
    const node = stack.use(await NexusNode.start(whole));
    stack.use(await serveControl(paths.socket, methodsOf(node, () => void stack.disposeAsync())));
    const executes = roles.includes('executor');
    if (executes) await node.serve(models, signal);
    const told = executes ? await node.lend() : await node.joined();
    signal.throwIfAborted();
    return handle(node, told, () => stack.disposeAsync());
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}

function handle(
  node: NexusNode,
  { announced, detail }: { announced: boolean; detail: string },
  close: () => Promise<void>,
): Node {
  const { home, network } = node.options;
  return {
    key: node.key,
    home: home.paths.home,
    network: { name: network.name, id: toHex(network.id) },
    models: node.serving.all.map(({ model }) => model.entry.name),
    announced,
    detail,
    async *run(prompt, options = {}) {
      const signal = options.signal ?? new AbortController().signal;
      const request = requestOf(prompt, options);
      yield* told(node.run(request, signal), signal);
    },
    events: (signal) => node.bus.subscribe(signal),
    peers: () => peersOf(node) as unknown as Peer[],
    close,
    [Symbol.asyncDispose]: close,
  };
}
