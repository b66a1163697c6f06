import { toHex } from '../../feeds/base/mod.ts';
import { chooseHeads, type Covered, type CutView, doubtOf } from '../../feeds/agreement/mod.ts';
import type { CoreState, Feeds } from '../../feeds/client/mod.ts';
import { type CutHead, LIMITS } from '../../feeds/records/mod.ts';
import { fitHeads, type SizeFeeds } from './fit.ts';

/** Of the feeds service, what tells what is held here. */
export type HoldFeeds = Pick<Feeds, 'holds'> & SizeFeeds;

/** Newest state of a core, and the newest of which every block was here. */
export interface Known {
  newest: CoreState;
  whole: CoreState | null;
}

/**
 * Heads for a cut of this witness's choice: of what it holds since the last one.
 * @param first cores (hexadecimal) of the witnesses' logs
 */
export async function ownHeads(
  feeds: HoldFeeds,
  view: CutView,
  states: Iterable<Known>,
  round: number,
  first: ReadonlySet<string>,
): Promise<CutHead[]> {
  const { all, cores, heads } = doubtOf(view, round);
  if (all) return [];
  const here = await holdsAll(feeds, heads, view.covered);
  const doubtful = new Set(cores);
  heads.forEach(({ core }, i) => here[i] || doubtful.add(toHex(core)));
  const grown: CutHead[] = [];
  for (const { newest, whole } of states) {
    const before = view.covered.get(toHex(newest.key))?.length ?? 0;
    // The last blocks of a log that grows are often on their way.
    const { key: core, length, treeHash, fork } = (whole?.length ?? 0) > before ? whole! : newest;
    if (fork === 0 && length > before && !doubtful.has(toHex(core))) {
      grown.push({ core, length, treeHash });
    }
  }
  const chosen = chooseHeads(grown, view.covered, view.previous, LIMITS.cutHeads, first);
  const held = await holdsAll(feeds, chosen, view.covered);
  return await fitHeads(feeds, chosen.filter((_, i) => held[i]), view.covered);
}

/** For each head: whether every block that it adds to the cuts so far is here, of that history. */
export async function holdsAll(
  feeds: HoldFeeds,
  heads: readonly CutHead[],
  covered: ReadonlyMap<string, Covered>,
): Promise<boolean[]> {
  const spans = heads.map(({ core, length, treeHash }) => ({
    core,
    from: covered.get(toHex(core))?.length ?? 0,
    length,
    treeHash,
  }));
  return await feeds.holds(spans);
}
