/**
 * What every room uses and nothing else: the error class, bytes, hashes, keys, events.
 * @module
 */
export { asNexusError, type ErrorDetail, type ErrorJson, messageOf, NexusError } from './errors.ts';
export { Broadcast } from './broadcast.ts';
export { counted } from './counted.ts';
export { concatBytes, countBytes, equalBytes, fromHex, toHex } from './bytes.ts';
export { allowPaths, packagesFolder } from './deno.ts';
export { bytesOf, FIELD_ORDER, numberOf } from './field.ts';
export { HASH_BYTES, sha256, taggedHash } from './hash.ts';
export { readLines } from './lines.ts';
export { median } from './median.ts';
export { NCU, ncuText, parseNcu } from './ncu.ts';
export { poseidonOne } from './poseidon_one.ts';
export { plainCopy } from './plain.ts';
export { importSigner, type Signer, verifyEd25519 } from './sign.ts';
export { sleep } from './sleep.ts';
export { cleanText, isPlainText } from './text.ts';
