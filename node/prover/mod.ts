/**
 * Proofs of sampling: what they say of an attempt, the process that makes and checks them, and the
 * queue that makes those which a network asks for while answers go on.
 * @module
 */
export { type BackgroundOptions, BackgroundProver, type ProofDone } from './background.ts';
export { type Entitled as EntitledToProof, type Examined, examineProof } from './examine.ts';
export { checkHere } from './answer.ts';
export { demandKeys, isForgeable, isWrong, proofCheck } from './check.ts';
export { type MadeBytes, ProverProcess } from './process.ts';
export type { ProverChild } from './running.ts';
export { positionsOf, type ProofTarget, statementOf } from './statement.ts';
export { homeSampledReader, sampledCheck, type SampledReader } from './receipt.ts';
export { sampleSentence } from './words.ts';
export type { Leaves } from './wire.ts';
export { type KeptAttempts, type ProofWork, workOf } from './work.ts';
