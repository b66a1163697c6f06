import { fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import {
  type Profile,
  profileFromJson,
  profileId,
  profileToJson,
} from '../../feeds/records/mod.ts';

/** Longest announcement, in bytes, that is read. */
const MAX_BYTES = 16 * 1024;
const MAX_OFFERINGS = 12;
const MAX_NAME = 64;

/** One profile that a peer serves, with what a requester needs to use it. */
export interface AnnouncedProfile {
  /** Id of the profile: computed here, never believed. */
  id: Uint8Array;
  profile: Profile;
  /** Display name as the peer gives it, control characters removed. */
  name: string;
  /** micro-NCU a token. */
  price: number;
  /** Determinism class. */
  class: Uint8Array;
  /** True if its weights are in memory. */
  warm: boolean;
  /** Blob cores of the profile's files, where the peer shares them. */
  blobs: { vocabulary: Uint8Array; weights: Uint8Array } | null;
}

/** What a node tells its peers of itself, refreshed while it lives. */
export interface Announcement {
  /** Name that the owner gave the machine: a claim, for people only. */
  name: string;
  hardware: string;
  maxTokens: number;
  load: { active: number; queued: number; slots: number };
  profiles: AnnouncedProfile[];
  /** Milliseconds after its arrival until it counts as stale. */
  ttlMs: number;
  draining: boolean;
}

/** Encodes an announcement as UTF-8 JSON. */
export function encodeAnnouncement(a: Announcement): Uint8Array {
  const profiles = a.profiles.slice(0, MAX_OFFERINGS).map((p) => ({
    name: p.name,
    price: p.price,
    warm: p.warm,
    profile: profileToJson(p.profile),
    class: toHex(p.class),
    blobs: p.blobs && {
      vocabulary: toHex(p.blobs.vocabulary),
      weights: toHex(p.blobs.weights),
    },
  }));
  return new TextEncoder().encode(JSON.stringify({ version: 1, ...a, profiles }));
}

/**
 * Decodes what a peer announced.
 * @throws {NexusError} `ANNOUNCEMENT_INVALID`
 */
export function decodeAnnouncement(bytes: Uint8Array): Announcement {
  try {
    if (bytes.length > MAX_BYTES) throw new Error(`longer than ${MAX_BYTES} bytes`);
    const a = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (a.version !== 1) throw new Error(`version ${a.version}`);
    if (!Array.isArray(a.profiles) || a.profiles.length > MAX_OFFERINGS) {
      throw new Error('profiles');
    }
    return {
      name: printable(a.name),
      hardware: printable(a.hardware),
      maxTokens: count(a.maxTokens, 1e9),
      load: {
        active: count(a.load?.active, 1e6),
        queued: count(a.load?.queued, 1e6),
        slots: count(a.load?.slots, 1e6),
      },
      profiles: a.profiles.map(readProfile),
      ttlMs: count(a.ttlMs, 600_000),
      draining: a.draining === true,
    };
  } catch (cause) {
    throw new NexusError('ANNOUNCEMENT_INVALID', 'a peer sent an announcement that is not valid', {
      cause,
    });
  }
}

// deno-lint-ignore no-explicit-any -- untrusted JSON, every field is checked here
function readProfile(p: any): AnnouncedProfile {
  const profile = profileFromJson(p.profile);
  return {
    id: profileId(profile),
    profile,
    name: printable(p.name),
    price: count(p.price, Number.MAX_SAFE_INTEGER),
    class: fromHex(p.class, 32),
    warm: p.warm === true,
    blobs: p.blobs === null || p.blobs === undefined ? null : {
      vocabulary: fromHex(p.blobs.vocabulary, 32),
      weights: fromHex(p.blobs.weights, 32),
    },
  };
}

function count(value: unknown, max: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) {
    throw new Error(`not a count: ${value}`);
  }
  return value;
}

/** A peer's text as it may meet a terminal: no control or format characters, bounded. */
export function printable(value: unknown): string {
  if (typeof value !== 'string') throw new Error('not a text');
  return [...value.slice(0, 4 * MAX_NAME).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')].slice(0, MAX_NAME)
    .join('');
}
