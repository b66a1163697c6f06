import { NexusError, toHex } from '../../feeds/base/mod.ts';
import {
  call,
  type ControlServer,
  parseRunRequest,
  type RunRequest,
  serveControl,
  streamCall,
} from '../control/mod.ts';
import type { NexusNode, NodeOptions, RunEvent } from '../daemon/mod.ts';
import { acquireNode, type HomePaths, modelRoots, type NodeLease } from '../home/mod.ts';
import type { Context } from './context.ts';
import { daemonRoom, engineRoom, networkRoom } from './later.ts';

/** How long a node that holds the lock may take to open its socket. */
const SOCKET_MS = 10_000;
const AGAIN_MS = 20;

/** A node to work with: the running one of this home, or one of our own for as long as it is used. */
export interface NodeSession extends AsyncDisposable {
  /** True if this process runs the node. */
  readonly own: boolean;
  run(request: RunRequest, signal: AbortSignal): AsyncGenerator<RunEvent, void, void>;
  call(method: string, params: unknown, signal?: AbortSignal): Promise<unknown>;
}

/** Attaches to the running node of a home, or starts one in this process. */
export async function attachOrStart(
  context: Context,
  options: () => Promise<NodeOptions>,
  signal: AbortSignal,
): Promise<NodeSession> {
  const { paths } = context.home;
  const until = performance.now() + SOCKET_MS;
  for (;;) {
    const lease = await acquireNode(paths);
    if (lease.owner) return await ownSession(lease, paths, options);
    if (await answers(paths.socket)) return attachedTo(context);
    signal.throwIfAborted();
    if (performance.now() > until) {
      throw new NexusError('NODE_STUCK', `the node of this home (process ${lease.pid}) is silent`, {
        hint: `end it and try again: kill ${lease.pid}`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/**
 * A session with the running node of a home; without one each call fails. Where a prompt may go is
 * for its own sender's settings to say: the node may have been started with others, for another
 * prompt or another network.
 */
export function attachedTo(context: Context): NodeSession {
  const { socket } = context.home.paths;
  return {
    own: false,
    async *run(request, signal) {
      const whole = { ...request, ...await destination(context, request) };
      for await (const event of streamCall(socket, 'run', whole, signal)) yield event as RunEvent;
    },
    call: (method, params, signal) => call(socket, method, params, signal),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function destination(
  { home, settings }: Context,
  request: RunRequest,
): Promise<Pick<RunRequest, 'where' | 'network'>> {
  const where = request.where ?? settings.where.value;
  const { value, origin } = settings.network;
  if (where === 'local' || origin === 'default') return { where, network: null };
  const { loadNetwork } = await networkRoom();
  return { where, network: toHex((await loadNetwork(home.paths, value)).id) };
}

async function ownSession(
  lease: Extract<NodeLease, { owner: true }>,
  paths: HomePaths,
  options: () => Promise<NodeOptions>,
): Promise<NodeSession> {
  let node: NexusNode, control: ControlServer;
  let engine: Deno.ChildProcess | null = null;
  try {
    // Its start takes longest: it begins before the modules that will use it are read.
    const { spawnEngine } = await engineRoom();
    engine = spawnEngine(modelRoots(paths));
    const { methodsOf, NexusNode } = await daemonRoom();
    node = await NexusNode.start({ ...await options(), engineProcess: engine });
    engine = null;
    control = await serveControl(paths.socket, methodsOf(node, () => {}));
  } catch (thrown) {
    engine?.kill('SIGKILL');
    lease.release();
    throw thrown;
  }
  return {
    own: true,
    run: (request, signal) => node.run(parseRunRequest(request), signal),
    call: (method, params, signal) => call(paths.socket, method, params, signal),
    async [Symbol.asyncDispose]() {
      // Others may have attached meanwhile: they are served to their end.
      await control.idle();
      await control.close();
      await node.close();
      lease.release();
    },
  };
}

async function answers(socket: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: 'unix', path: socket })).close();
    return true;
  } catch {
    return false;
  }
}
