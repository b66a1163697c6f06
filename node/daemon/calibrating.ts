import { fromHex, toHex } from '../../feeds/base/mod.ts';
import { readCalibrationEntry } from '../calibration/mod.ts';
import type { NexusNode } from './node.ts';
import type { Params } from './params.ts';

/** Hexadecimal digits of an entry, at most. */
const MAX_DIGITS = 40_000;

/** Writes a calibration that was measured beside the node to its attestations log. */
export async function keepCalibration(
  node: NexusNode,
  params: Params,
): Promise<{ index: number; hash: string }> {
  const { calibration, block, hash } = readCalibrationEntry(
    fromHex(params.text('entry', MAX_DIGITS)),
  );
  await node.feeds();
  const { index } = await node.logs.append('attestations', [block]);
  node.bus.emit('calibration', {
    profile: toHex(calibration.profile),
    executorClass: toHex(calibration.executorClass),
    auditorClass: toHex(calibration.auditorClass),
    hash: toHex(hash),
    index,
  });
  return { index, hash: toHex(hash) };
}
