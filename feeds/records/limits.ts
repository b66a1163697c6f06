/** Version of the schema: first byte of every entry. */
export const SCHEMA_VERSION = 1;

/** The `pq` of a job whose answer is drawn without top-p. */
export const TOP_P_OFF = 65_536;

/** Bounds of an entry. They belong to the schema: changing one needs a new version. */
export const LIMITS = {
  /** Bytes of one entry. */
  recordBytes: 64 * 1024,
  heads: 64,
  /** Of an artifact: the entry stays within 350 bytes. */
  artifactHeads: 1,
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
  pq: TOP_P_OFF,
  topK: 65_536,
  /** Blocks of a core. */
  blocks: Number.MAX_SAFE_INTEGER,
  epochs: 0xffff_ffff,
  /** Rounds of voting about one cut. */
  rounds: 0xffff,
  /** Cores that grew between two cuts: 35 KiB. What does not fit belongs to the next. */
  cutHeads: 500,
  /** Blocks and bytes between two cuts: who folds a cut has all of it in memory. */
  cutBlocks: 32_768,
  cutBytes: 32 * 1024 * 1024,
  /** Witnesses that a cut may state: 2.3 KiB; as many as a network file names. */
  seats: 64,
  /** Weight of one: three times the sum of all stays a safe number by far. */
  seatWeight: 2 ** 40,
  /** Hashes of one beacon chain. */
  beaconChain: 65_536,
  calibrationBytes: 16_384,
  /** Absolute log e-value of a job, units of 1/65536 nat. */
  logEvidence: 2 ** 44,
  /** Alternatives of both statistics. */
  alternatives: 16,
  /** Positions of which a verdict shows the auditor's own reading. */
  readings: 64,
  detail: 512,
  /** Jobs of one canary plan. */
  planted: 256,
  /** Of each half of a contradiction. */
  contradictionBytes: 30_000,
  /** Three points of BN254, uncompressed. */
  proofBytes: 256,
  /** Public inputs of one proof. */
  proofPublics: 512,
  /** Thousandths of a token a second, or million operations a second. */
  rate: 2 ** 40,
  /** Jobs at once, and how many numbers of them one fingerprint measures. */
  streams: 0xffff,
  levels: 8,
  /** Runs behind a figure. */
  runs: 4096,
  /** MiB. */
  memory: 2 ** 30,
  /** Jobs that a fingerprint names: those of 24 runs, with two prompts each. */
  probeJobs: 48,
  /** Micro-benchmarks of a fingerprint, and how great the number of one may be. */
  features: 64,
  feature: 2 ** 40,
} as const;
