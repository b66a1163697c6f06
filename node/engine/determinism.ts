import { taggedHash } from '../../feeds/base/mod.ts';
import type { Profile } from '../../feeds/records/mod.ts';
import { type BuildFacts, MAX_ROWS } from './backend.ts';
import type { Threads } from './types.ts';

/**
 * The determinism class: everything beside the model that decides the bits of a logit. Threads of
 * batches are not part of it, since rows computed together do not depend on them; those of lone
 * rows are, unless lone rows are given a companion.
 */
export function determinismClass(
  facts: BuildFacts,
  threads: Threads,
  profile: Profile,
): Uint8Array {
  const lone = threads.pad ? 'padded' : String(threads.single);
  const settings = [
    `rows ${MAX_ROWS}`,
    `flash attention ${profile.flashAttention}`,
    `kv ${profile.kvType}`,
    // A lone row on one thread and a companioned one give the same bits.
    `lone rows ${lone === '1' || lone === 'padded' ? 'exact' : lone}`,
  ];
  const utf8 = new TextEncoder();
  const parts = [facts.build, facts.kernels, ...settings].map((part) => utf8.encode(part));
  return taggedHash('nexus/class/1', ...parts);
}
