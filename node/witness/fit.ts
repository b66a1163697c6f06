import { toHex } from '../../feeds/base/mod.ts';
import type { Covered } from '../../feeds/agreement/mod.ts';
import type { Feeds, Prefix } from '../../feeds/client/mod.ts';
import { type CutHead, LIMITS } from '../../feeds/records/mod.ts';

/** Of the feeds service, what tells how much the blocks of a log are. */
export type SizeFeeds = Pick<Feeds, 'prefixes'>;

/** Blocks and bytes that a cut may add. */
export interface Room {
  blocks: number;
  bytes: number;
}

const ROOM: Room = { blocks: LIMITS.cutBlocks, bytes: LIMITS.cutBytes };

/**
 * The share that fits: as much for each as it wants, and where that is too much together, the same
 * for all that want more. So nobody's flood keeps the others' entries out of a cut.
 */
export function shareOf(wants: readonly number[], room: number): number {
  let left = room;
  const sorted = [...wants].sort((a, b) => a - b);
  for (const [i, want] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - i));
    if (want > share) return share;
    left -= want;
  }
  return Infinity;
}

/** Heads so far forward as a cut has room; the rest of those logs belongs to later ones. */
export async function fitHeads(
  feeds: SizeFeeds,
  heads: readonly CutHead[],
  covered: ReadonlyMap<string, Covered>,
  room: Room = ROOM,
): Promise<CutHead[]> {
  const wants = await wantsOf(feeds, heads, covered);
  const share = {
    blocks: shareOf(wants.map(({ head, from }) => head.length - from), room.blocks),
    bytes: shareOf(wants.map(({ bytes }) => bytes), room.bytes),
  };
  const fit: CutHead[] = [];
  for (const want of wants) {
    const head = await shorten(feeds, want, share);
    if (head !== null) fit.push(head);
  }
  return fit;
}

/** Whether a cut has room for all that heads add, as far as this node knows them. */
export async function areWithin(
  feeds: SizeFeeds,
  heads: readonly CutHead[],
  covered: ReadonlyMap<string, Covered>,
  room: Room = ROOM,
): Promise<boolean> {
  const wants = await wantsOf(feeds, heads, covered);
  const bytes = wants.reduce((sum, { bytes }) => sum + bytes, 0);
  const blocks = wants.reduce((sum, { head, from }) => sum + head.length - from, 0);
  return wants.length === heads.length && bytes <= room.bytes && blocks <= room.blocks;
}

interface Want {
  head: CutHead;
  from: number;
  bytes: number;
}

async function wantsOf(
  feeds: SizeFeeds,
  heads: readonly CutHead[],
  covered: ReadonlyMap<string, Covered>,
): Promise<Want[]> {
  if (heads.length === 0) return [];
  const spans = heads.map(({ core, length }) => {
    return { core, from: covered.get(toHex(core))?.length ?? 0, length };
  });
  const prefixes = await feeds.prefixes(spans);
  return heads.flatMap((head, i) => {
    const prefix = prefixes[i];
    return prefix ? { head, from: spans[i]!.from, bytes: prefix.bytes } : [];
  });
}

/** Null where not even its next block fits. */
async function shorten(
  feeds: SizeFeeds,
  { head, from, bytes }: Want,
  share: Room,
): Promise<CutHead | null> {
  const all = head.length - from;
  if (all <= share.blocks && bytes <= share.bytes) return head;
  const { core } = head;
  const likely = Math.max(1, Math.floor(all * Math.min(1, share.bytes / bytes)));
  let blocks = Math.min(likely, share.blocks);
  for (; blocks > 0; blocks = Math.floor(blocks / 2)) {
    const length = from + blocks;
    const prefix: Prefix | null = (await feeds.prefixes([{ core, from, length }]))[0] ?? null;
    if (prefix !== null && prefix.bytes <= share.bytes) {
      return { core, length, treeHash: prefix.treeHash };
    }
  }
  return null;
}
