import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import { type Block, type CoreState, openArchive } from '../../feeds/client/mod.ts';
import { importSigner } from '../../feeds/records/mod.ts';
import { call, type FindingRow, type NodeStatus, streamCall } from '../control/mod.ts';
import { replayHeld } from '../daemon/mod.ts';
import { type HomePaths, loadIdentity, pathsOf } from '../home/mod.ts';
import { listNetworks, loadNetwork, type Network } from '../network/mod.ts';
import type { Replayed } from '../watch/mod.ts';

/** Where recorded logs come from. */
export interface LogSource extends AsyncDisposable {
  /** Identity of the home that they lie in; null where it is not known. */
  readonly key: string | null;
  /** The folder that they lie in. */
  readonly folder: string;
  /** The networks whose files lie there. */
  readonly networks: readonly Network[];
  states(): Promise<CoreState[]>;
  read(core: Uint8Array, range: { start: number; end: number }): AsyncIterable<Block>;
  replay(signal: AbortSignal): Promise<Replayed>;
}

/**
 * Opens the logs of a home, or a bare store: through the node that runs on it, else the files, which
 * are only read.
 * @throws {NexusError} `STORE_MISSING`, `STORE_UNREADABLE`
 */
export async function openLogs(
  given: string,
  signal: AbortSignal,
  nodeBinary?: string,
): Promise<LogSource> {
  const folder = resolve(given);
  const bare = existsSync(join(folder, 'CORESTORE'));
  const paths = pathsOf(folder);
  const status = bare ? null : await running(paths.socket, signal);
  const networks = bare ? [] : await networksIn(paths);
  if (status !== null) return { ...throughNode(paths.socket, folder, status.key), networks };
  const logs = await openArchive(
    bare ? folder : paths.store,
    nodeBinary === undefined ? {} : {
      node: nodeBinary,
    },
  );
  return {
    key: bare ? null : await keyIn(paths.identity),
    folder,
    networks,
    states: () => logs.states(),
    read: (core, range) => logs.read(core, { ...range, signal }),
    replay: (signal) => replayHeld(logs, signal),
    [Symbol.asyncDispose]: () => logs[Symbol.asyncDispose](),
  };
}

async function running(socket: string, signal: AbortSignal): Promise<NodeStatus | null> {
  try {
    return await call(socket, 'status', {}, signal) as NodeStatus;
  } catch (thrown) {
    if (thrown instanceof NexusError && thrown.code === 'NODE_NOT_RUNNING') return null;
    throw thrown;
  }
}

function throughNode(
  socket: string,
  folder: string,
  key: string,
): Omit<LogSource, 'networks'> {
  return {
    key,
    folder,
    async states() {
      const rows = await call(socket, 'logs') as (Omit<CoreState, 'key' | 'treeHash'> & {
        key: string;
        treeHash: string;
      })[];
      return rows.map((row) => ({
        ...row,
        key: fromHex(row.key, 32),
        treeHash: fromHex(row.treeHash, 32),
      }));
    },
    async *read(core, { start, end }) {
      for await (const block of streamCall(socket, 'blocks', { core: toHex(core), start, end })) {
        const { index, value } = block as { index: number; value: string | null };
        yield { index, value: value === null ? null : fromHex(value) };
      }
    },
    async replay(signal) {
      const findings: FindingRow[] = [];
      let unresolved = 0, digest = '';
      for await (const event of streamCall(socket, 'audit', {}, signal)) {
        const { event: name, ...fields } = event as { event: string } & Record<string, unknown>;
        if (name === 'finding') findings.push(fields as unknown as FindingRow);
        if (name === 'unresolved') unresolved++;
        if (name === 'audit') digest = String(fields.digest);
      }
      return { findings, unresolved, digest };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Whose home it is; logs can be read without knowing. */
async function keyIn(identity: string): Promise<string | null> {
  try {
    const seed = await loadIdentity(identity);
    return seed === null ? null : toHex((await importSigner(seed)).publicKey);
  } catch {
    return null;
  }
}

/** Those that can be read: without the others some logs say less. */
async function networksIn(paths: HomePaths): Promise<Network[]> {
  const names = await listNetworks(paths).catch(() => []);
  const loaded = await Promise.all(names.map((name) => loadNetwork(paths, name).catch(() => null)));
  return loaded.filter((network) => network !== null);
}
