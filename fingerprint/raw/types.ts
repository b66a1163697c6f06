/** Where the product was computed; a software adapter of WebGPU counts as `cpu`. */
export type RawBackend = 'gpu' | 'cpu';

/**
 * Sizes of the product: `rows x inner` by `inner x cols`. All are multiples of {@link SHAPE_STEP};
 * `inner` is at most 32,768, so that sums of 16-bit limbs stay below 2^32.
 */
export interface Shape {
  rows: number;
  inner: number;
  cols: number;
}

/** What a challenger sets. Both factors follow from the nonce. */
export interface RawChallenge {
  type: 'raw';
  /** 32 bytes, fresh; bind it to both ends with `boundNonce`. */
  nonce: Uint8Array;
  shape: Shape;
  /** `any`: a GPU where there is a real one, else the CPU. */
  backend: RawBackend | 'any';
}

/** What an executor sends first. Nothing is drawn before it has arrived. */
export interface RawCommitment {
  /** Merkle root over the rows of the product, 32 bytes. */
  root: Uint8Array;
  backend: RawBackend;
  /** The adapter's or processor's own name: a claim. */
  adapter: string;
  /** Threads of a CPU product; 0 on a GPU. */
  threads: number;
  /** What the executor's clock says, ms: never counted, only compared with the challenger's. */
  ms: number;
}

/** One row of the product, with its way to the root. */
export interface OpenedRow {
  index: number;
  /** `cols` residues below the prime. */
  cells: Uint16Array;
  path: readonly Uint8Array[];
}

export interface RawOpening {
  rows: readonly OpenedRow[];
}

/** What the challenger's clock says of one run. */
export interface RawTiming {
  /** From the challenge's last byte sent to the commitment's first byte received, ms. */
  elapsedMs: number;
  /** Median round trip of the same connection, ms. */
  rttMs: number;
}

/** A checked run. */
export interface RawResult {
  backend: RawBackend;
  /** Million multiply-and-adds modulo the prime a second. */
  rate: number;
  /** What the product's three matrices take, MiB: touched, not proven to be held. */
  memory: number;
  /** Time that counted: elapsed less one round trip, ms. */
  ms: number;
}
