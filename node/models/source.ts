import type { Profile } from '../../feeds/records/mod.ts';
import { NexusError } from '../../feeds/base/mod.ts';
import type { OnProgress } from './files.ts';
import type { ModelEntry } from './model.ts';

/** What a source works with. */
export interface FetchContext {
  signal: AbortSignal;
  onProgress: OnProgress;
  /** A folder of its own, kept after a failure so that it can resume. */
  folder: string;
}

/** Somewhere a model's file can be had. Whatever it delivers is checked against the profile. */
export interface ModelSource {
  /** For people, e.g. `peers`. */
  name: string;
  /** Writes the file to `to`, or throws with the reason. */
  fetch(entry: ModelEntry, to: string, context: FetchContext): Promise<void>;
}

/** Fetches the file of a profile from peers of the mesh into `to`; the node provides it. */
export type FetchFromPeers = (
  profile: Profile,
  to: string,
  options: { signal: AbortSignal; onProgress: OnProgress },
) => Promise<void>;

/** Peers that have the file. */
export function peersSource(fetchFromPeers: FetchFromPeers | null): ModelSource {
  return {
    name: 'peers',
    async fetch({ profile }, to, { signal, onProgress }) {
      if (fetchFromPeers === null) {
        throw new NexusError('MODEL_NO_PEERS', 'this machine is not connected to a mesh', {
          hint: 'start a node with `nexus up` or join a network with `nexus join`',
        });
      }
      await fetchFromPeers(profile, to, { signal, onProgress });
    },
  };
}
