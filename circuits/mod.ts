/**
 * Zero-knowledge proofs (Groth16 over BN254) that each show one stated sentence, never "inference":
 * `sample`, `epoch-total` and `standing`, see docs/proofs.md. Making a proof takes seconds and belongs
 * into a process of its own; checking one takes milliseconds.
 *
 * ```ts
 * const { proof, publics } = await prove('sample', sampleInput(args), signal);
 * await verifyProof('sample', samplePublics(args), proof);
 * ```
 * @module
 */
export {
  type CircuitInput,
  type CircuitKey,
  type ProofItem,
  type Proven,
  type Statement,
  STATEMENTS,
  type StoredKey,
} from './types.ts';
export { openSecret } from './contributions.ts';
export { contextOf } from './context.ts';
export { bytesOf, FIELD, isElement, numberOf } from './field.ts';
export { KEY_FILE_BYTES } from './files.ts';
export { type ForeignKey, foreignKey } from './foreign.ts';
export { circuitKeys, keyHash } from './keys.ts';
export { PROOF_BYTES } from './points.ts';
export { prove } from './prove.ts';
export { isInsecure, KeyRing } from './ring.ts';
export { candidateWords } from './sample/words.ts';
export {
  type HiddenPosition,
  SAMPLE_CANDIDATES,
  SAMPLE_POSITIONS,
  type SampledPosition,
  sampleInput,
  samplePublics,
  type SampleStatement,
} from './sample/sample.ts';
export { standingInput, standingPublics, type StandingStatement } from './standing/standing.ts';
export { epochTotalInput, epochTotalPublics, type TotalStatement } from './total/total.ts';
export { verifyProof, verifyProofs } from './verify.ts';
