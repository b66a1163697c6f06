import { fromHex, NexusError, taggedHash, toHex } from '../base/mod.ts';
import { type Codec, decodeWith, encodeWith } from './codec.ts';
import { LIMITS, SCHEMA_VERSION } from './limits.ts';
import { profileBody } from './schema.ts';
import type { Profile } from './types.ts';

const profile: Codec<Profile> = {
  preencode(state, value) {
    if (value?.version !== 1) throw unknownVersion(value?.version);
    state.end++;
    profileBody.preencode(state, value);
  },
  encode(state, value) {
    state.buffer![state.start++] = SCHEMA_VERSION;
    profileBody.encode(state, value);
  },
  decode(state) {
    if (state.start >= state.end) throw new Error('Out of bounds');
    const version = state.buffer![state.start++];
    if (version !== 1) throw unknownVersion(version);
    return { version: 1, ...profileBody.decode(state) };
  },
};

/**
 * Encodes a profile: version byte 1, then its fields in the order of the type.
 * @throws {NexusError} `RECORD_BAD_FIELD` or `RECORD_UNKNOWN_VERSION`
 */
export function encodeProfile(value: Profile): Uint8Array {
  return encodeWith(profile, value, LIMITS.recordBytes);
}

/**
 * Decodes a profile that anybody may have written.
 * @throws {NexusError} `RECORD_*`, see `decodeRecord`
 */
export function decodeProfile(bytes: Uint8Array): Profile {
  return decodeWith(profile, bytes, LIMITS.recordBytes);
}

/** The id of a profile: 32 bytes, over everything that must be equal to reproduce an output. */
export function profileId(value: Profile): Uint8Array {
  return taggedHash('nexus/profile/1', encodeProfile(value));
}

/** A profile as plain JSON; hashes in hexadecimal. */
export function profileToJson(value: Profile): Record<string, unknown> {
  const hex = (bytes: Uint8Array | null) => (bytes === null ? null : toHex(bytes));
  return {
    ...value,
    file: hex(value.file),
    chatTemplate: hex(value.chatTemplate),
    tokenizer: hex(value.tokenizer),
    vocabulary: hex(value.vocabulary),
    parent: hex(value.parent),
    adapters: value.adapters.map(hex),
  };
}

/**
 * Reads a profile from its JSON form, as parsed. Unknown members are refused: they would not be
 * covered by the id.
 * @throws {NexusError} `PROFILE_BAD_JSON`, or `RECORD_BAD_FIELD` for a value out of its bounds
 */
export function profileFromJson(json: unknown): Profile {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw bad('not an object');
  const from = json as Record<string, unknown>;
  const hash = (name: string, value: unknown = from[name]): Uint8Array => {
    if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) {
      throw bad(`${name} is not 64 lower-case hexadecimal digits`);
    }
    return fromHex(value, 32);
  };
  if (!Array.isArray(from.adapters)) throw bad('adapters is not a list');
  const value = {
    ...from,
    file: hash('file'),
    chatTemplate: hash('chatTemplate'),
    tokenizer: hash('tokenizer'),
    vocabulary: hash('vocabulary'),
    parent: from.parent === null ? null : hash('parent'),
    adapters: from.adapters.slice(0, LIMITS.adapters + 1).map((a) => hash('adapters', a)),
  } as unknown as Profile;
  const known = decodeProfile(encodeProfile(value));
  for (const name of Object.keys(from)) {
    if (!(name in known)) throw bad(`unknown member ${JSON.stringify(name.slice(0, 40))}`);
  }
  return known;
}

function unknownVersion(version: unknown): NexusError {
  return new NexusError('RECORD_UNKNOWN_VERSION', `unknown profile version ${String(version)}`, {
    hint: 'update this program if the profile comes from a newer one',
  });
}

function bad(what: string): NexusError {
  return new NexusError('PROFILE_BAD_JSON', `not a profile: ${what}`, {
    hint: 'compare it with the output of `nexus models show --json`',
  });
}
