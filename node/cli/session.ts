import type { NodeOptions, Role } from '../daemon/mod.ts';
import { attachOrStart, networkRoom, type NodeSession } from '../session/mod.ts';
import { type Context, openContext, type SettingFlags } from './context.ts';
import { nodeBinary } from './runtime.ts';

/** What a node is to be, from the command line. */
export interface NodeWish {
  roles: ReadonlySet<Role>;
  models: readonly string[];
  mesh: boolean;
  announce: boolean;
}

/** Completes a wish by home, settings and network. */
export async function nodeOptions(context: Context, wish: NodeWish): Promise<NodeOptions> {
  const { home, settings } = context;
  const { loadNetwork } = await networkRoom();
  const network = await loadNetwork(home.paths, settings.network.value);
  const node = nodeBinary();
  return { home, settings, network, ...wish, ...(node === undefined ? {} : { nodeBinary: node }) };
}

/** The node that prompts go to: the running one, or one for as long as this command lasts. */
export async function openSession(flags: SettingFlags, signal: AbortSignal): Promise<NodeSession> {
  const context = await openContext(flags);
  const mesh = context.settings.where.value !== 'local';
  const wish: NodeWish = { roles: new Set(['requester']), models: [], mesh, announce: false };
  return await attachOrStart(context, () => nodeOptions(context, wish), signal);
}
