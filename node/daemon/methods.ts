import { Broadcast, fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import { auditEvents, auditLogs } from './audit.ts';
import { type Handlers, parseRunRequest } from '../control/mod.ts';
import { resolve } from 'node:path';
import type { Progress } from '../../feeds/client/mod.ts';
import { profileFromJson } from '../../feeds/records/mod.ts';
import { fetchWeights } from './files.ts';
import type { NexusNode } from './node.ts';
import { peersOf, statusOf } from './rows.ts';

/** What programs on this machine can ask of a node. `stop` is given by whoever owns the process. */
export function methodsOf(node: NexusNode, stop: () => void): Handlers {
  return {
    run: (params, signal) => node.run(parseRunRequest(params), signal),
    status: () => Promise.resolve(statusOf(node)),
    peers: () => Promise.resolve(peersOf(node)),
    events: (_params, signal) => node.bus.subscribe(signal),
    watch: (_params, signal) => node.watch.watch(signal),
    async ban(params) {
      const key = keyOf(params);
      if (node.mesh === null) throw noMesh();
      await node.mesh.ban(key);
      return null;
    },
    async connect(params) {
      const feeds = await node.feeds();
      const peer = await feeds.connect(keyOf(params));
      return { key: toHex(peer.key), rttMs: peer.rttMs, transport: peer.transport };
    },
    async *audit(params, signal) {
      const report = await auditLogs(await node.feeds(), keysOf(params), signal);
      for (const event of auditEvents(report)) yield event;
    },
    fetch: (params, signal) => fetchModel(node, params, signal),
    'network.reload': () => node.reload(),
    stop: () => {
      stop();
      return Promise.resolve(null);
    },
  };
}

/** Fetches a model's file from peers into the model folder; its events are progress. */
async function* fetchModel(node: NexusNode, params: unknown, signal: AbortSignal) {
  const { to, profile } = (params ?? {}) as { to?: unknown; profile?: unknown };
  const folder = `${node.store.folder}/partial/`;
  if (typeof to !== 'string' || !resolve(to).startsWith(folder)) {
    throw new NexusError('BAD_REQUEST', `to must be a path in ${folder}`);
  }
  if (node.mesh === null) throw noMesh();
  const progress = new Broadcast<Progress>();
  const fetched = fetchWeights(profileFromJson(profile), to, node.directory, await node.feeds(), {
    signal,
    onProgress: (at) => progress.emit(at),
  }).finally(() => progress.close());
  fetched.catch(() => {}); // told below
  yield* progress;
  await fetched;
}

function keyOf(params: unknown): Uint8Array {
  const key = (params as { key?: unknown } | null)?.key;
  if (typeof key !== 'string' || !/^[0-9a-f]{64}$/i.test(key)) {
    throw new NexusError('BAD_REQUEST', 'key must be 64 hexadecimal digits');
  }
  return fromHex(key, 32);
}

function keysOf(params: unknown): string[] {
  const keys = (params as { keys?: unknown } | null)?.keys ?? [];
  if (!Array.isArray(keys)) throw new NexusError('BAD_REQUEST', 'keys must be a list');
  return keys.map((key) => toHex(keyOf({ key })));
}

function noMesh(): NexusError {
  return new NexusError('NO_MESH', 'this node is in no mesh', { hint: 'start it with `nexus up`' });
}
