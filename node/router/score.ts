import { equalBytes } from '../../feeds/base/mod.ts';
import type { Candidate, Ranked, Reason, RouteRequest, RouterRules, SpeedSource } from './types.ts';

/**
 * Expected milliseconds until this candidate has finished the answer, times factors for price,
 * failures and class; each part is named.
 * @param fastest largest measured tokens/s among the candidates: what an unmeasured one is given
 *   credit for, so that newcomers are tried
 */
export function score(
  candidate: Candidate,
  request: RouteRequest,
  fastest: number,
  rules: RouterRules,
): Ranked {
  const { load } = candidate;
  const tokens = Math.min(request.maxTokens, rules.expectedTokens);
  const [alone, decodeSource] = decodeRate(
    candidate,
    fastest > 0 ? fastest : rules.tokensPerSecond,
  );
  const beside = Math.min(load.active, Math.max(0, load.slots - 1));
  const decode = (1000 * tokens / Math.max(alone, 0.1)) * (1 + rules.sharing * beside);
  const ahead = Math.max(0, load.active + load.queued + 1 - load.slots);
  const fresh = 1 - Math.min(1, Math.max(0, candidate.prefixAffinity));
  const [prompt, firstSource] = promptTime(candidate, request.promptTokens, rules);
  // Even a full prefix hit decodes one row.
  const first = (candidate.rttMs ?? (candidate.isLocal ? 0 : 50)) +
    Math.max(0.1, fresh) * prompt;
  const otherClass = request.class !== null && !equalBytes(request.class, candidate.class);
  const reasons: Reason[] = [
    { name: 'queue', unit: 'ms', value: ahead * decode / Math.max(1, load.slots) },
    { name: 'load model', unit: 'ms', value: candidate.warm ? 0 : rules.coldMs },
    { name: 'first token', unit: 'ms', value: first, source: firstSource },
    { name: 'decode', unit: 'ms', value: decode, source: decodeSource },
    { name: 'price', unit: 'x', value: 1 + rules.priceWeight * share(candidate, request) },
    { name: 'failures', unit: 'x', value: 1 + rules.failureWeight * candidate.failures },
    { name: 'class', unit: 'x', value: otherClass ? rules.otherClass : 1 },
    ...standing(candidate, rules),
    ...(candidate.speed?.contradicted
      ? [{ name: 'false claim' as const, unit: 'x' as const, value: rules.falseClaim }]
      : []),
  ];
  let cost = 0;
  for (const r of reasons) cost = r.unit === 'ms' ? cost + r.value : cost * r.value;
  return { candidate, cost: Math.max(cost, 0.001), chance: 0, reasons };
}

/** Tokens/s that somebody has measured: drawn challengers, else this node; null where nobody has. */
export function knownRate({ speed, tokensPerSecond }: Candidate): number | null {
  return speed?.source === 'attested' ? speed.decode : tokensPerSecond;
}

/** @param credit tokens/s that one is given of whom nothing is known: a claim earns no more */
function decodeRate(candidate: Candidate, credit: number): [number, SpeedSource] {
  const known = knownRate(candidate);
  const { speed } = candidate;
  if (known !== null) return [known, speed?.source === 'attested' ? 'attested' : 'measured'];
  return speed == null ? [credit, 'assumed'] : [Math.min(speed.decode, credit), 'claimed'];
}

/** Milliseconds from the start of the work to the first token of a fresh prompt. */
function promptTime(
  { speed, firstTokenMs }: Candidate,
  promptTokens: number,
  rules: RouterRules,
): [number, SpeedSource] {
  const assumed = rules.firstTokenMs + rules.promptTokenMs * promptTokens;
  if (speed == null || (speed.source === 'claimed' && firstTokenMs !== null)) {
    return firstTokenMs === null ? [assumed, 'assumed'] : [firstTokenMs, 'measured'];
  }
  const said = rules.firstTokenMs + 1000 * promptTokens / Math.max(speed.prefill, 0.1);
  return speed.source === 'attested' ? [said, 'attested'] : [Math.max(said, assumed), 'claimed'];
}

/** Where there is a ledger, who is known to be honest gets more of the work. */
function standing({ standing, isLocal }: Candidate, rules: RouterRules): Reason[] {
  if (standing == null || isLocal) return [];
  const { reputation, covered } = standing;
  const unknown = 1 - Math.min(1, Math.max(0, reputation));
  return [
    { name: 'reputation', unit: 'x', value: 1 + rules.reputationWeight * unknown },
    { name: 'bond', unit: 'x', value: covered ? 1 : rules.uncovered },
  ];
}

function share(candidate: Candidate, request: RouteRequest): number {
  return request.priceCap > 0 ? candidate.price / request.priceCap : 0;
}
