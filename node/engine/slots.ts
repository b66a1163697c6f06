import type { Session } from './backend.ts';

/** A session with the tokens that its state stands for. */
export interface Slot {
  session: Session;
  /** Tokens of the rows that the session holds. */
  tokens: number[];
  busy: boolean;
  /** Grows with every use; the smallest is the least recently used. */
  usedAt: number;
}

/** A prefix shorter than this is not worth giving up another conversation's state for. */
const WORTHWHILE = 8;

/**
 * The idle slot to decode `tokens` in: the one whose state shares the longest prefix with them;
 * without a worthwhile one an empty slot, then the least recently used. Null when all are busy.
 */
export function chooseSlot(slots: readonly Slot[], tokens: readonly number[]): Slot | null {
  let best: Slot | null = null, bestKey: [number, number, number] | null = null;
  for (const slot of slots) {
    if (slot.busy) continue;
    const shared = commonPrefix(slot.tokens, tokens);
    const key: [number, number, number] = [
      shared >= WORTHWHILE ? shared : 0,
      slot.tokens.length === 0 ? 1 : 0,
      -slot.usedAt,
    ];
    if (bestKey === null || greater(key, bestKey)) best = slot, bestKey = key;
  }
  return best;
}

/** Length of the longest common prefix. */
export function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let n = 0;
  while (n < end && a[n] === b[n]) n++;
  return n;
}

function greater(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! > b[i]!;
  return false;
}
