import { importSigner, type Signer } from '../../feeds/records/mod.ts';
import { call } from '../control/mod.ts';
import { NexusError } from '../../feeds/base/mod.ts';
import {
  type Config,
  type Home,
  openHome,
  parseSetting,
  resolveSettings,
  type Settings,
  thisMachine,
} from '../home/mod.ts';
import { isPrivateNetwork, label } from '../network/mod.ts';
import type { Flags } from './spec.ts';

/** Flags of every command that has to do with a network. */
export const NETWORK_FLAGS = {
  network: {
    type: 'string',
    value: 'name|file',
    env: 'NEXUS_NETWORK',
    help: 'the network to use',
  },
  host: { type: 'string', value: 'address', env: 'NEXUS_HOST', help: 'address to bind to' },
  bootstrap: {
    type: 'list',
    value: 'host:port',
    env: 'NEXUS_BOOTSTRAP',
    help: 'DHT node to begin with',
  },
} as const satisfies Flags;

/** What most commands begin with. */
export interface Context {
  home: Home;
  settings: Settings;
  signer: Signer;
}

/** Values that flags may set; those that are absent, undefined or empty set nothing. */
export interface SettingFlags {
  home?: string | undefined;
  network?: string | undefined;
  where?: string | undefined;
  model?: string | undefined;
  host?: string | undefined;
  bootstrap?: string[] | undefined;
  threads?: number | undefined;
  price?: number | undefined;
  slots?: number | undefined;
  maxTokens?: number | undefined;
}

const SET_AS_IS = [
  'network',
  'where',
  'model',
  'host',
  'threads',
  'price',
  'slots',
  'maxTokens',
] as const;

/**
 * Opens the home that flags or environment name, and resolves the settings.
 * @throws {NexusError} what opening a home throws, `SETTING_INVALID`
 */
export async function openContext(given: SettingFlags): Promise<Context> {
  const home = await openHome(given.home);
  const { bootstrap } = given;
  const flags: Config = {};
  for (const key of SET_AS_IS) if (given[key] !== undefined) flags[key] = given[key] as never;
  if (bootstrap !== undefined && bootstrap.length > 0) {
    flags.bootstrap = parseSetting('bootstrap', bootstrap.join(','), '--bootstrap') as string[];
  }
  const env = thisMachine().env;
  const sources = { flags, env, config: home.config };
  const named = resolveSettings(sources, () => false).network.value;
  const isPrivate = await isPrivateNetwork(home.paths, named);
  const settings = resolveSettings(sources, () => isPrivate);
  return { home, settings, signer: await importSigner(home.seed) };
}

/** How this machine calls itself in member lists and announcements. */
export function machineName(): string {
  try {
    return label(Deno.hostname());
  } catch {
    return 'unnamed';
  }
}

/**
 * Tells a running node that files changed which it has read.
 * @returns false if no node runs here
 */
export async function tellNode(socket: string, method: string): Promise<boolean> {
  try {
    await call(socket, method, {}, AbortSignal.timeout(3000));
    return true;
  } catch (thrown) {
    return !(thrown instanceof NexusError && thrown.code === 'NODE_NOT_RUNNING');
  }
}

/** Bootstrap nodes as the feeds take them; nothing for the public ones. */
export function bootstrapNodes(list: readonly string[] | null): {
  bootstrap?: { host: string; port: number }[];
} {
  if (list === null) return {};
  return {
    bootstrap: list.map((entry) => {
      const at = entry.lastIndexOf(':');
      const host = entry.slice(0, at).replace(/^\[(.*)\]$/, '$1');
      return { host, port: Number(entry.slice(at + 1)) };
    }),
  };
}
