import { equalBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { RunRequest } from '../control/mod.ts';
import type { NodeOptions } from './options.ts';

/** Who works for whom now. */
export interface Gate {
  /** The node's own identity, whose prompts it always takes. */
  own: Uint8Array;
  draining: boolean;
  banned: (requester: Uint8Array) => boolean;
}

/** Why a requester's job is not taken; null if it is. */
export function refusalOf(requester: Uint8Array, gate: Gate): NexusError | null {
  if (gate.banned(requester)) {
    return new NexusError('BANNED', 'this node does not work for you', { stage: 'admission' });
  }
  if (!gate.draining || equalBytes(requester, gate.own)) return null;
  return new NexusError('DRAINING', 'this node takes no new jobs now', {
    hint: 'ask another node',
    stage: 'admission',
  });
}

/**
 * A prompt that was meant for one's own machines must not go to strangers.
 * @throws {NexusError} `OTHER_NETWORK`
 */
export function demandNetwork(
  { where, network: wanted }: RunRequest,
  { network: { id, name }, settings, mesh }: NodeOptions,
): void {
  if (wanted === null || wanted === toHex(id)) return;
  if (!mesh || (where ?? settings.where.value) === 'local') return;
  throw new NexusError('OTHER_NETWORK', `the node that runs here is in ${name}, not in that`, {
    stage: 'route',
    hint: 'start it again in the network that is wanted, or run with --where local',
  });
}
