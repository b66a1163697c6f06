import { fromHex, taggedHash, toHex } from '../base/mod.ts';
import { drawOrder } from './order.ts';
import type { Pool } from './pool.ts';
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

/** Draws that may fall on who is out already, before the rest is taken whatever it weighs. */
const MOST_TRIES = 1024;

/**
 * The auditors of a subject: `count` of a pool, one after the other by weight, nobody twice and none
 * of those who are out; fewer where the pool has no more. One hash a draw, however large the pool.
 */
export function drawAuditors(
  beacon: Uint8Array,
  subject: Hex,
  panel: boolean,
  pool: Pool,
  out: ReadonlySet<Hex>,
  count: number,
): Hex[] {
  const tag = panel ? 'nexus/panel/2' : 'nexus/auditor/2';
  const about = fromHex(subject), drawn = new Set<Hex>();
  const wanted = Math.min(count, pool.sizeWithout(out));
  for (let i = 0; drawn.size < wanted && i < MOST_TRIES; i++) {
    const hash = taggedHash(tag, beacon, about, Uint8Array.of(i >> 8, i));
    const found = pool.at(share(hash, pool.weight));
    if (!out.has(found)) drawn.add(found);
  }
  if (drawn.size === wanted) return [...drawn];
  // Nearly all of the weight is out. Keys can be chosen by who makes them: the beacon orders them.
  const rest = pool.keys.filter((key) => !out.has(key) && !drawn.has(key))
    .map((key) => ({ key, place: toHex(taggedHash(tag, beacon, about, fromHex(key))) }))
    .sort((a, b) => a.place < b.place ? -1 : 1);
  return [...drawn, ...rest.slice(0, wanted - drawn.size).map(({ key }) => key)];
}

/** The part of `weight` that the first eight bytes of a hash are of 2^64, rounded down. */
function share(hash: Uint8Array, weight: number): number {
  const bits = new DataView(hash.buffer, hash.byteOffset).getBigUint64(0);
  return Number((bits * BigInt(weight)) >> 64n);
}

function word(hash: Uint8Array): number {
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
}
