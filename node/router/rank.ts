import { equalBytes, toHex } from '../../feeds/base/mod.ts';
import { knownRate, score } from './score.ts';
import {
  type Candidate,
  type Ranked,
  type RejectCode,
  type Rejected,
  ROUTER_RULES,
  type RouteRequest,
  type RouterRules,
} from './types.ts';

/** Candidates in the order in which to ask them, and those that may not be asked. */
export interface Ranking {
  order: Ranked[];
  rejected: Rejected[];
}

/**
 * Orders candidates: each place is drawn at random among the best that are left, weighted by cost,
 * so that many requesters do not all run to the same node. `any` asks the mesh first, then this node.
 * @param random uniform in [0, 1)
 */
export function rank(
  candidates: readonly Candidate[],
  request: RouteRequest,
  random: () => number,
  rules: RouterRules = ROUTER_RULES,
): Ranking {
  const rejected: Rejected[] = [];
  const fit: Candidate[] = [];
  for (const candidate of candidates) {
    const refusal = refuse(candidate, request);
    if (refusal === null) fit.push(candidate);
    else rejected.push({ candidate, code: refusal[0], message: refusal[1] });
  }
  const fastest = fit.reduce((most, c) => Math.max(most, knownRate(c) ?? 0), 0);
  const scored = fit.map((c) => score(c, request, fastest, rules));
  const remote = scored.filter((r) => !r.candidate.isLocal);
  const local = scored.filter((r) => r.candidate.isLocal);
  return { order: [...draw(remote, random, rules), ...draw(local, random, rules)], rejected };
}

function draw(scored: Ranked[], random: () => number, rules: RouterRules): Ranked[] {
  const left = [...scored].sort((a, b) =>
    a.cost - b.cost || (toHex(a.candidate.executor) < toHex(b.candidate.executor) ? -1 : 1)
  );
  const order: Ranked[] = [];
  while (left.length > 0) {
    const best = left[0]!.cost;
    const group = left.filter((r) => r.cost <= best * rules.amongBest);
    const weights = group.map((r) => (best / r.cost) ** rules.sharpness);
    const total = weights.reduce((sum, w) => sum + w, 0);
    let at = random() * total;
    let chosen = 0;
    while (chosen < group.length - 1 && at >= weights[chosen]!) at -= weights[chosen++]!;
    // `left` is sorted by cost, so the group is its head and indices agree.
    const [taken] = left.splice(chosen, 1);
    order.push({ ...taken!, chance: weights[chosen]! / total });
  }
  return order;
}

function refuse(c: Candidate, request: RouteRequest): [RejectCode, string] | null {
  if (!equalBytes(c.profile, request.profile)) return ['OTHER_PROFILE', 'serves another profile'];
  if (request.where === 'local' && !c.isLocal) return ['WHERE', 'the prompt may not leave here'];
  if (request.where === 'mesh' && c.isLocal) return ['WHERE', 'only other nodes are wanted'];
  if (c.banned) return ['BANNED', 'banned for misconduct'];
  if (c.distrusted) return ['DISTRUSTED', c.distrusted];
  const excluded = request.excluded.get(toHex(c.executor));
  if (excluded !== undefined) return ['EXCLUDED', excluded];
  if (!c.versions.includes(request.version)) {
    return [
      'VERSION',
      `speaks job protocol ${c.versions.join(', ') || 'none'}, not ${request.version}`,
    ];
  }
  if (request.unpaid && !c.isLocal) return ['NCU_SHORT', request.unpaid];
  if (c.price > request.priceCap) {
    return ['PRICE', `asks ${c.price} micro-NCU a token, the cap is ${request.priceCap}`];
  }
  const { active, queued, slots, queueLimit } = c.load;
  if (slots === 0) return ['FULL', 'takes no jobs now'];
  if (queueLimit !== undefined && active >= slots && queued >= queueLimit) {
    return ['FULL', `${active} of ${slots} slots busy and ${queued} of ${queueLimit} waiting`];
  }
  return null;
}
