import { fromHex, taggedHash, toHex } from '../base/mod.ts';
import { logSum } from './fixed.ts';
import { drawOrder } from './order.ts';
import type { Hex } from './types.ts';

/** True if the beacon chose a subject for an audit, at a rate in 10,000. */
export function isDrawn(beacon: Uint8Array, subject: Hex, rate: number): boolean {
  const hash = taggedHash('nexus/audited/1', beacon, fromHex(subject));
  return Math.floor(word(hash) * 10_000 / 2 ** 32) < rate;
}

/** What the order of an audit's positions is made of: 32 bytes, hexadecimal. */
export function drawOf(beacon: Uint8Array, subject: Hex): Hex {
  return toHex(taggedHash('nexus/audit-draw/1', beacon, fromHex(subject)));
}

/** Output positions to be read: the first ones of the audit's order. */
export function readingsOf(draw: Hex, tokens: number, count: number): number[] {
  return drawOrder(fromHex(draw), tokens).slice(0, count);
}

const UNIT = 2 ** 48;

/**
 * The auditors of a subject: of all orders of the candidates, the first `count` of one that is drawn
 * by weight. With equal weights these are the lowest hashes. A hash of h stands for an exponential
 * waiting time -ln(1 - h) / weight; the shortest are taken (Efraimidis and Spirakis, 2006).
 */
export function drawAuditors(
  beacon: Uint8Array,
  subject: Hex,
  panel: boolean,
  candidates: readonly Hex[],
  count: number,
  weightOf: (candidate: Hex) => number,
): Hex[] {
  const tag = panel ? 'nexus/panel/1' : 'nexus/auditor/1';
  const drawn = candidates.map((candidate) => {
    const hash = taggedHash(tag, beacon, fromHex(subject), fromHex(candidate));
    return {
      candidate,
      hash: toHex(hash),
      head: word(hash),
      weight: weightOf(candidate),
      wait: 0n,
    };
  });
  if (drawn.some(({ weight }) => weight !== drawn[0]!.weight)) {
    for (const one of drawn) {
      const left = UNIT - one.head * 2 ** 16;
      // Shifted up before the division, so that no two weights fall together.
      one.wait = BigInt(-logSum([{ log: 0, weight: left }], UNIT)) * 2n ** 32n / BigInt(one.weight);
    }
  }
  drawn.sort((a, b) => a.wait < b.wait || (a.wait === b.wait && a.hash < b.hash) ? -1 : 1);
  return drawn.slice(0, count).map(({ candidate }) => candidate);
}

function word(hash: Uint8Array): number {
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
}
