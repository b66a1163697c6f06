import { NexusError } from '../../feeds/base/mod.ts';
import { call } from '../control/mod.ts';
import type { Flags } from './spec.ts';

export { type Context, openContext, type SettingFlags } from '../session/mod.ts';

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
