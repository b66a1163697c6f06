/**
 * API keys of the gateway: made, kept as hashes in `keys.json`, found again by their secret.
 * @module
 */
export { type NewKey, newKey } from './secret.ts';
export { type KeyWish, limitsOf, MAX_KEYS, parseKeys, withKey, withoutKey } from './list.ts';
export { admittedKey, type AdmittedWish, demandRoomForAdmitted } from './admitted.ts';
export { changeKeys, readKeys } from './store.ts';
export { fileUsage, parseUsage, readUsage } from './usage.ts';
export { fileKeyBook, KeyList } from './book.ts';
