import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { messageOf, NexusError } from '../../feeds/base/mod.ts';
import { gatewayApp } from './app.ts';
import { Desk } from './desk.ts';
import { exchange, refuseBroken } from './exchange.ts';
import { later } from './later.ts';
import type { GatewayNode, GatewayOptions } from './types.ts';

/** How often connections are looked at for being too slow. */
const CHECK_MS = 1000;
const KEEPALIVE_MS = 15_000;
const LAST_MS = 500;

/** A gateway that listens. */
export interface Gateway extends AsyncDisposable {
  /** `http://host:port` */
  readonly url: string;
  /** Takes no more requests and ends those in progress within a bound. */
  close(): Promise<void>;
}

/**
 * Listens for HTTP requests. `node:http` instead of the runtime's own server: that one waits without
 * end for headers, for bodies and for readers.
 * @throws {NexusError} `GATEWAY_NEEDS_KEY`, `HTTP_ADDRESS`
 */
export async function serveGateway(node: GatewayNode, options: GatewayOptions): Promise<Gateway> {
  const desk = new Desk(node, options, await options.usage?.load() ?? null);
  if (!desk.loopback && options.admission === undefined && await options.keys.size() === 0) {
    throw new NexusError(
      'GATEWAY_NEEDS_KEY',
      'other machines can reach this address: it needs a key',
      {
        hint: 'make one (nexus keys add NAME), or listen on 127.0.0.1',
      },
    );
  }
  const { limits } = desk;
  const app = gatewayApp(desk);
  const open = new Set<Promise<void>>();
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: CHECK_MS,
    maxHeaderSize: limits.headerBytes,
    // Its absence is refused in our own words.
    requireHostHeader: false,
  }, (req, res) => {
    const exchanged = exchange(app, req, res, limits.stalledMs).catch((thrown) => {
      options.onFault?.(thrown);
      res.destroy();
    }).finally(() => open.delete(exchanged));
    open.add(exchanged);
  });
  server.maxConnections = limits.connections;
  server.on('connection', (socket: Socket) => socket.setKeepAlive(true, KEEPALIVE_MS));
  server.on('clientError', (error: Error, socket: Socket) => refuseBroken(error, socket));
  const url = await listening(server, options);
  let closing: Promise<void> | null = null;
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await desk.drain();
    // What has just ended may not have left yet.
    await Promise.race([Promise.all(open), new Promise((resolve) => setTimeout(resolve, LAST_MS))]);
    server.closeAllConnections();
    await closed;
    desk[Symbol.dispose]();
  };
  const closeOnce = () => closing ??= close();
  return { url, close: closeOnce, [Symbol.asyncDispose]: closeOnce };
}

async function listening(server: Server, { hostname, port }: GatewayOptions): Promise<string> {
  const { promise, resolve, reject } = later<void>();
  server.once('error', reject);
  server.listen(port, hostname, resolve);
  try {
    await promise;
  } catch (cause) {
    const where = `${hostname}:${port}`;
    throw new NexusError('HTTP_ADDRESS', `cannot listen on ${where}: ${messageOf(cause)}`, {
      hint: 'choose another address or port with --http',
      cause,
    });
  }
  const { address, port: bound, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
}
