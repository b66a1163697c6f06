import { nucleus, quantiseLogits, type Sampler } from '../sampler/mod.ts';

/** Units of a margin in a nat: the sampler's scores. */
export const LOGIT_SCORE_UNIT = 2 ** 26;
/** Units of a quantised logit in a nat. */
const Z_UNIT = 1024;
/** A rival counts only that far above the auditor's own K-th logit, nats. */
const RIVAL_LEAD = 0.75;
/** Candidates among which a claimed token is looked up. */
export const LOOKUP = 64;

/** One position as the auditor's model sees it: the largest raw logits, largest first. */
export interface Candidates {
  ids: readonly number[];
  logits: readonly number[];
}

/** How a claimed token fares at its position, in units of 2^-26 nat. */
export interface Margins {
  /** Against rivals that any honest executor must have had; infinite outside the top 64. */
  soft: number;
  /** As the sampler's specification defines it, on the auditor's own top K. */
  hard: number;
  /** True where the auditor's own draw is another token; null where its top K is ambiguous. */
  mismatch: boolean | null;
}

/**
 * Statistic A: the claimed token's score below the best one's (Token-DiFR, arXiv 2511.20621).
 *
 * An honest executor's K-th candidate may be another one, since logits differ in the last bits, and
 * a rival that it never had gives margins of several nats. So only rivals count that lie
 * {@link RIVAL_LEAD} above the K-th logit, and, with top-p, within the nucleus even if the tail that
 * it leaves out were twice as heavy; a claim is good if it is in the top 64 and in the nucleus even
 * if that tail were half as heavy.
 */
export function marginsAt(
  sampler: Sampler,
  { ids, logits }: Candidates,
  claim: { id: number; position: number; tq: number; pq: number; topK: number },
): Margins {
  const { id, position, tq, pq, topK } = claim;
  const z = quantiseLogits(logits.slice(0, LOOKUP));
  const top = { ids: ids.slice(0, topK), z: z.subarray(0, topK), position, tq, pq };
  // With equal logits at the edge it is chance which of them is a candidate.
  const ambiguous = logits.length > topK && logits[topK - 1] === logits[topK];
  const mismatch = ambiguous ? null : sampler.draw(top) !== id;
  const hard = sampler.margin(top, id);

  const claimed = ids.indexOf(id);
  const topP = pq < 65_536 && tq > 0;
  const within = topP ? nucleus(ids.slice(0, LOOKUP), z, tq, widened(pq)) : null;
  if (claimed < 0 || claimed >= LOOKUP || within?.includes(claimed) === false) {
    return { soft: Infinity, hard, mismatch };
  }
  const floor = logits.length > topK ? z[topK - 1]! + RIVAL_LEAD * Z_UNIT : -Infinity;
  const sure = topP ? nucleus(top.ids, top.z, tq, narrowed(pq)) : [...top.z.keys()];
  const rivals = sure.filter((i) => z[i]! >= floor && i !== claimed);
  rivals.push(claimed);
  const soft = sampler.margin({
    ids: rivals.map((i) => ids[i]!),
    z: rivals.map((i) => z[i]!),
    position,
    tq,
    pq: 65_536,
  }, id);
  return { soft, hard, mismatch };
}

/** The nucleus that leaves out half as much. */
function widened(pq: number): number {
  return 65_535 - ((65_535 - pq) >> 1);
}

/** The nucleus that leaves out twice as much; at least the likeliest token. */
function narrowed(pq: number): number {
  return Math.max(1, 65_536 - 2 * (65_536 - pq));
}
