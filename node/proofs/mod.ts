/**
 * Proofs of what stands in the ledger, made and checked by hand: that an account has at least so much
 * (`standing`), what it was paid in an epoch (`epoch-total`); and who is admitted on one.
 * @module
 */
export {
  checkStanding,
  parseStanding,
  proveStanding,
  STANDING_FORMAT,
  type StandingProof,
  standingText,
  type StandingWish,
} from './standing.ts';
export {
  checkTotal,
  MOST_BATCHES,
  parseTotal,
  proveTotal,
  TOTAL_FORMAT,
  totalOf,
  type TotalOptions,
  type TotalProof,
  totalText,
} from './total.ts';
export { type FoundKey, keepKey, keysIn } from './key_files.ts';
export {
  AdmissionDesk,
  type Application,
  type Challenge,
  type DeskOptions,
  EARLY,
} from './desk.ts';
export { type Applicant, applicantOf, openText, sealText } from './sealed.ts';
export { admitStanding, rootWord, standingChallenge, type StandingRule } from './admission.ts';
export type { ProofCheck, ProofVerdict, Reader, RootWord, VerifyProof } from './verdict.ts';
