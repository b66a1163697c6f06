/** Version of the schema: first byte of every entry. */
export const SCHEMA_VERSION = 1;

/** Bounds of an entry. They belong to the schema: changing one needs a new version. */
export const LIMITS = {
  /** Bytes of one entry. */
  recordBytes: 64 * 1024,
  heads: 64,
  offerings: 64,
  adapters: 16,
  /** Layers of a model. */
  layers: 0xffff,
  /** Bytes of UTF-8. */
  name: 128,
  hardware: 1024,
  attempts: 0xffff,
  /** Tokens of a prompt or an answer. */
  tokens: 0xffff_ffff,
  /** round(64 * 1024): temperatures above are noise. */
  tq: 65_536,
  /** 65536 is "off". */
  pq: 65_536,
  topK: 65_536,
  /** Blocks of a core. */
  blocks: Number.MAX_SAFE_INTEGER,
} as const;
