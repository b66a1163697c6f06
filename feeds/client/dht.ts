import { startChild } from './child.ts';

export interface DhtOptions {
  /** Address that it binds and is reached at. */
  host: string;
  /** UDP port; 0 takes a free one. */
  port: number;
  /** Other nodes of the same private DHT, if any. */
  bootstrap?: { host: string; port: number }[];
  /** Path of the Node binary; found on the PATH if left out. */
  node?: string;
}

/** A running bootstrap node. */
export interface Dht extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Resolves with a sentence if the process ended. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/**
 * Runs a node of a DHT in a process of its own, for private and loopback meshes.
 * @throws {NexusError} `PORT_IN_USE`, `NODE_NOT_FOUND`, `FEEDS_NOT_STARTED`
 */
export async function startDht(options: DhtOptions): Promise<Dht> {
  const nothing = () => {};
  const child = await startChild({ program: 'dht', node: options.node ?? 'node' }, {
    call: () => Promise.resolve(null),
    event: nothing,
    data: nothing,
    credit: nothing,
    closed: nothing,
  });
  const { host, port, bootstrap = [] } = options;
  const close = async () => {
    await child.link.call('close').catch(nothing);
    await child.ended;
  };
  try {
    const at = await child.link.call('start', { host, port, bootstrap }) as typeof options;
    return {
      host: at.host,
      port: at.port,
      ended: child.ended,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
