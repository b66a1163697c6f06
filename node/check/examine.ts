import { equalBytes } from '../../feeds/base/mod.ts';
import {
  type Calibration,
  contradictionsOf,
  judge,
  type Observation,
  type Payload,
  reread,
  type Verdict,
} from '../audit/mod.ts';
import type { AuditRules } from '../audit/mod.ts';
import type { Engine, LoadedModel } from '../engine/mod.ts';
import { CHECK_LIMITS } from './limits.ts';
import type { Signed } from './claim.ts';
import type { Checked, Objection } from './wire.ts';

/** An attempt whose commitments hold. */
export interface Transcript {
  signed: Signed;
  payload: Payload;
  /** 32 bytes. */
  seed: Uint8Array;
}

/** With what it is read once more. */
export interface Reader {
  engine: Pick<Engine, 'score'>;
  /** Loaded here, with its weights. */
  model: LoadedModel;
  /** Candidates a position: the profile's. */
  topK: number;
  /** Measured honest deviation between the two classes; null where there is none. */
  calibration: Calibration | null;
  rules: AuditRules;
}

/**
 * Reads an answer once more and judges it. Without an artifact's finish only its tokens are judged.
 * @param onRead called with the number of positions read so far
 */
export async function examine(
  { signed, payload, seed }: Transcript,
  { engine, model, topK, calibration, rules }: Reader,
  onRead: (done: number) => void,
  signal: AbortSignal,
): Promise<Checked> {
  const answered = { payload, seed, sampling: signed.job.sampling, finish: signed.finish };
  const reader = { engine, model, topK };
  const observations: Observation[] = [];
  for await (const { observation } of reread(answered, reader, signal)) {
    observations.push(observation);
    onRead(observations.length);
  }
  const exact = model.determinism === 'exact' && equalBytes(model.class, signed.class);
  const verdict = judge({
    contradictions: contradictionsOf(answered, reader),
    observations,
    exact,
    calibration,
    carried: null,
    process: null,
    rules,
  });
  return {
    ...conclusion(verdict, exact),
    positions: observations.length,
    mismatches: observations.filter((one) => differs(one, exact)).length,
    class: model.class,
    exact,
    objections: objectionsOf(verdict),
  };
}

/** In the exact class honest answers come out the same to the last bit: equality needs no statistics. */
function conclusion(verdict: Verdict, exact: boolean): Pick<Checked, 'finding' | 'why'> {
  const { positions } = verdict.evidence;
  if (verdict.verdict !== 'inconclusive') return { finding: verdict.verdict, why: null };
  if (positions === 0) return { finding: 'inconclusive', why: 'empty' };
  if (exact) return { finding: 'ok', why: null };
  return { finding: 'inconclusive', why: verdict.why };
}

function differs({ mismatch, b1 }: Observation, exact: boolean): boolean {
  return mismatch === true || (exact && b1 !== 0);
}

function objectionsOf(verdict: Verdict): Objection[] {
  const { positions: most } = CHECK_LIMITS;
  if (verdict.verdict === 'trigger') {
    return verdict.reasons.map((reason) => ({
      kind: reason.kind,
      positions: 'positions' in reason ? reason.positions.slice(0, most) : [],
    }));
  }
  if (verdict.verdict !== 'fraud' || verdict.cause.kind !== 'contradictions') return [];
  const found = new Map<Objection['kind'], number[]>();
  for (const { code, position } of verdict.cause.contradictions) {
    const positions = found.get(code) ?? [];
    found.set(code, positions);
    if (position !== null && positions.length < most) positions.push(position);
  }
  return [...found].map(([kind, positions]) => ({ kind, positions }));
}
