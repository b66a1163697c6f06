/**
 * What the two ends of an attempt keep of it for those who may audit it: the transcript, sealed with
 * the job key, and at its executor the candidates of each position; how they are served and fetched.
 *
 * ```ts
 * const store = await PayloadStore.open({ folder, limits: PAYLOAD_STORE_LIMITS, now: Date.now });
 * servePayloads(feeds, { store, entitled });
 * const sealed = await fetchPayload(feeds, executor, { job, attempt, signal });
 * const { payload, nonce } = openPayload(sealed, { jobKey, job, attempt }, vocabularySize);
 * ```
 * @module
 */
export type {
  AttemptName,
  BuiltTopk,
  Candidates,
  Disclosed,
  Kept,
  Opening,
  Shown,
  Topk,
} from './types.ts';
export {
  MAX_SEALED_BYTES,
  openPayload,
  sealPayload,
  type Unsealed,
  unsealPayload,
} from './seal.ts';
export { type Exhibit, exhibitsIn, keepExhibit, readExhibit } from './exhibits.ts';
export {
  PAYLOAD_STORE_LIMITS,
  PayloadStore,
  readKept,
  readShown,
  type StoreLimits,
  type StoreOptions,
} from './store.ts';
export { unsealShown } from './shown.ts';
export { type TopkClaim, verifyLeaf } from './leaf.ts';
export { unsealOpenings, verifyOpening } from './openings.ts';
export { type ServeOptions, servePayloads } from './serve.ts';
export { type FetchOptions, fetchPayload } from './fetch.ts';
export {
  buildTopk,
  type CheckResult,
  type CheckTask,
  type TopkResult,
  type TopkTask,
} from './builder.ts';
export { type BuiltTree, leafSalt } from './topk.ts';
export { PAYLOAD_LIMITS, PAYLOAD_PROTOCOL, PAYLOAD_VERSION } from './wire.ts';
