/**
 * What every room uses and nothing else: the error class, bytes, hashes, events.
 * @module
 */
export { asNexusError, type ErrorDetail, type ErrorJson, messageOf, NexusError } from './errors.ts';
export { Broadcast } from './broadcast.ts';
export { counted } from './counted.ts';
export { concatBytes, equalBytes, fromHex, toHex } from './bytes.ts';
export { HASH_BYTES, sha256, taggedHash } from './hash.ts';
