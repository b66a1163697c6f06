import type { Hex } from './types.ts';

/** Steps of 1/16 nat by which two honest classes may differ at a position: 1 nat. */
const TOLERANCE = 16;

/** What an auditor read at the drawn positions. */
export interface Read {
  auditor: Hex;
  class: Hex;
  readings: readonly { byte: number; top: number }[];
}

/**
 * Compares the auditors' own readings. Equal classes read equal bits; other classes differ by
 * honest noise.
 * @returns whether anybody differs from anybody, who differs from the majority, and two who differ from
 * each other where there are no more
 */
export function compareReadings(
  reads: readonly Read[],
): { differ: boolean; against: Hex[]; disputed: Hex[] } {
  const against = new Set<Hex>();
  let differ = false;
  for (const group of byClass(reads)) {
    const rows = new Map<string, Hex[]>();
    for (const { auditor, readings } of group) {
      const row = readings.map(({ byte, top }) => `${byte},${top}`).join(' ');
      rows.set(row, [...rows.get(row) ?? [], auditor]);
    }
    if (rows.size < 2) continue;
    differ = true;
    const most = [...rows.values()].find((auditors) => 2 * auditors.length > group.length);
    if (most === undefined) continue;
    for (const { auditor } of group) if (!most.includes(auditor)) against.add(auditor);
  }
  for (const { auditor, readings } of reads) {
    const others = reads.filter((other) => other.auditor !== auditor);
    const alone = readings.filter(({ byte }, i) => {
      const near = others.filter((other) => distance(byte, other.readings[i]!.byte) <= TOLERANCE);
      return 2 * near.length < others.length;
    });
    if (2 * alone.length <= readings.length) continue;
    differ = true;
    // Of two that differ nobody knows who is right.
    if (others.length > 1) against.add(auditor);
  }
  const disputed = differ && reads.length === 2 ? reads.map(({ auditor }) => auditor) : [];
  return { differ, against: [...against].sort(), disputed };
}

function distance(a: number, b: number): number {
  const apart = Math.abs(a - b);
  return Math.min(apart, 256 - apart);
}

function byClass(reads: readonly Read[]): Read[][] {
  const groups = new Map<Hex, Read[]>();
  for (const read of reads) groups.set(read.class, [...groups.get(read.class) ?? [], read]);
  return [...groups.values()];
}
