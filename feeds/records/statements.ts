/**
 * What a proof can state, in the order of their bytes in records; `sample` is the only one that stands
 * in a log. Each has its page in docs/proofs.md.
 */
export const PROOF_STATEMENTS = ['sample', 'epoch-total', 'standing'] as const;

/** See {@link PROOF_STATEMENTS}. */
export type ProofStatement = typeof PROOF_STATEMENTS[number];
