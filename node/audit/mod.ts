/**
 * The audit's pure core: was this answer made by the model, the seed and the parameters that its
 * executor signed? One byte a token, one prefill, two statistics; a sequential test that draws a
 * panel, a lifetime test that accuses. Values in, values out: the same on every machine.
 *
 * ```ts
 * const transcript = await transcribe(executor, request);
 * const scored = await rescore(auditor, transcript, profileId, LOOKUP);
 * const observations = observe(transcript, scored, seed, { tq, pq, topK });
 * const { verdict } = judge({ observations, contradictions: [], exact, calibration, ...rest });
 * ```
 * @module
 */
export { B1_STEPS, b1Byte, b1Difference } from '../sampler/mod.ts';
export { decodePayload, encodePayload, MAX_PAYLOAD_BYTES, type Payload } from './payload.ts';
export { type Candidates, LOGIT_SCORE_UNIT, LOOKUP, type Margins, marginsAt } from './margins.ts';
export { type Drawing, type Observation } from './observe.ts';
export { B1_CELLS, b1Cell, MARGIN_CELLS, marginCell } from './cells.ts';
export { lowerBound, upperBound } from './binomial.ts';
export { poolJobs, type Stratum, TAIL_UNIT, worstTails } from './null.ts';
export { cellScores, worstMean } from './scores.ts';
export {
  type Alternative,
  buildCalibration,
  type Calibration,
  checkCalibration,
  isSufficient,
  type JobCounts,
  type MarginAlternative,
  SLACK,
  type StatisticTable,
} from './calibration.ts';
export { decodeCalibration, encodeCalibration } from './calibration_codec.ts';
export { type ErrorRates, pushCell, startTest, type TestState } from './sprt.ts';
export {
  type Claim,
  type Contradiction,
  contradictions,
  type ModelFacts,
  type OpenedPosition,
} from './contradiction.ts';
export {
  type AuditRules,
  type Carry,
  type Cause,
  DEFAULT_RULES,
  type Evidence,
  judge,
  type JudgeInput,
  type Reason,
  type Verdict,
} from './judge.ts';
export { rescore, transcribe, type Transcript } from './measure.ts';
export {
  calibrate,
  type CalibrateOptions,
  type CalibrationJob,
  observe,
  type Runner,
} from './calibrate.ts';
export { type Answered, contradictionsOf, reread, type Rereader } from './reread.ts';
