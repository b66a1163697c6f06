import manifest from '../../package.json' with { type: 'json' };
import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import { type Snapshot, SnapshotFile, SnapshotKeeper } from '../snapshot/mod.ts';
import type { EventBus } from './events.ts';
import type { NodeOptions } from './options.ts';

/** The snapshots of a node; what is wrong with one is told as an error. @param identity its key */
export function snapshotsOf(
  { home, network }: NodeOptions,
  identity: Uint8Array,
  bus: EventBus,
): SnapshotKeeper {
  const owner = { program: manifest.version, network: network.id, identity };
  return new SnapshotKeeper({
    file: new SnapshotFile(home.paths.snapshot, owner),
    onError: (thrown) => bus.emit('error', { ...asNexusError(thrown).toJSON() }),
  });
}

/**
 * Runs what goes on from the last snapshot, or from the first cut where it is null. One that it cannot
 * go on from is given up: the next try begins with the first cut.
 */
export async function resuming(
  snapshots: Pick<SnapshotKeeper, 'load' | 'discard'>,
  run: (from: Snapshot | null) => Promise<void>,
): Promise<void> {
  let from = await snapshots.load();
  const isResumed = from !== null, running = run(from);
  // As large as all that the node knows: not to be kept beside it.
  from = null;
  try {
    await running;
  } catch (thrown) {
    const isOfState = !(thrown instanceof NexusError) || /^(STATE|TRUST)_/.test(thrown.code);
    if (isResumed && isOfState) await snapshots.discard();
    throw thrown;
  }
}
