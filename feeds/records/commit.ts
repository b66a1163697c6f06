import { concatBytes, taggedHash } from '../base/mod.ts';

const utf8 = new TextEncoder();

/** Unsigned 32-bit numbers, big-endian, as they go into hashes: 4 bytes each. */
export function u32s(numbers: readonly number[] | Uint32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  for (let i = 0; i < numbers.length; i++) view.setUint32(4 * i, numbers[i]!);
  return new Uint8Array(view.buffer);
}

/**
 * What a commitment is about. It goes into the salt: equal values under different labels, and
 * prefixes of different attempts, commit to unrelated bytes.
 */
export const COMMIT = {
  prompt: 'prompt',
  nonce: 'nonce',
  stops: 'stops',
  prefix: (attempt: number): string => `prefix/${attempt}`,
} as const;

/**
 * Salted commitment to bytes; the salt is derived from the job key, so that whoever is given the
 * key can check every commitment of the job, and nobody else can guess the value.
 * @param jobKey 32 secret bytes
 * @returns 32 bytes
 */
export function commitBytes(jobKey: Uint8Array, label: string, bytes: Uint8Array): Uint8Array {
  const salt = taggedHash('nexus/salt/1', jobKey, utf8.encode(label));
  return taggedHash('nexus/commit/1', salt, bytes);
}

/** Salted commitment to token ids (u32be each): 32 bytes. */
export function commitTokens(
  jobKey: Uint8Array,
  label: string,
  ids: readonly number[] | Uint32Array,
): Uint8Array {
  return commitBytes(jobKey, label, u32s(ids));
}

/** Salted commitment to the stop strings, in order: 32 bytes. */
export function commitStops(jobKey: Uint8Array, stops: readonly string[]): Uint8Array {
  const parts = stops.flatMap((stop) => {
    const bytes = utf8.encode(stop);
    return [u32s([bytes.length]), bytes];
  });
  return commitBytes(jobKey, COMMIT.stops, concatBytes(u32s([stops.length]), ...parts));
}

/** Public hash of the job key: 32 bytes. */
export function keyHash(jobKey: Uint8Array): Uint8Array {
  return taggedHash('nexus/job-key/1', jobKey);
}

/**
 * Seed of the sampler: no executor can choose it, and it does not depend on one, so that another
 * executor continues the same answer.
 * @param nonce 32 bytes drawn by the requester
 */
export function seedOf(network: Uint8Array, profile: Uint8Array, nonce: Uint8Array): Uint8Array {
  return taggedHash('nexus/seed/1', network, profile, nonce);
}

/**
 * Id of a job, equal for all its attempts: 32 bytes.
 * @param prompt commitment to the prompt ids
 * @param nonce commitment to the nonce
 * @param key {@link keyHash} of the job key
 */
export function jobId(
  requester: Uint8Array,
  prompt: Uint8Array,
  nonce: Uint8Array,
  key: Uint8Array,
): Uint8Array {
  return taggedHash('nexus/job/1', requester, prompt, nonce, key);
}
