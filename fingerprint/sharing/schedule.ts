import { taggedHash } from '../../feeds/base/mod.ts';
import type { SharingStep } from './types.ts';

const ORDERS: readonly (readonly SharingStep[])[] = [
  ['a', 'b', 'both'],
  ['a', 'both', 'b'],
  ['b', 'a', 'both'],
  ['b', 'both', 'a'],
  ['both', 'a', 'b'],
  ['both', 'b', 'a'],
];

/**
 * Order of the steps, one list a block. Drawn, so that whatever else the machines do falls on either
 * kind alike: the decision's error rate rests on it.
 */
export function sharingSchedule(nonce: Uint8Array, blocks: number): (readonly SharingStep[])[] {
  return Array.from({ length: blocks }, (_, i) => {
    const hash = taggedHash('nexus/sharing-order/1', nonce, Uint8Array.of(i));
    return ORDERS[new DataView(hash.buffer, hash.byteOffset).getUint32(0) % ORDERS.length]!;
  });
}
