/** Affine or Jacobian point, or element of a field, in the library's own form. */
export type Raw = Uint8Array;

/** What we use of a group of ffjavascript's curve. */
export interface Group {
  fromObject(point: unknown[]): Raw;
  toObject(point: Raw): unknown[];
  toAffine(point: Raw): Raw;
  toJacobian(point: Raw): Raw;
  isZero(point: Raw): boolean;
  isValid(point: Raw): boolean;
  eq(a: Raw, b: Raw): boolean;
  neg(point: Raw): Raw;
  add(a: Raw, b: Raw): Raw;
  timesScalar(point: Raw, scalar: bigint): Raw;
  /** Scalars little-endian, 32 bytes each. */
  multiExpAffine(points: Raw, scalars: Raw): Promise<Raw>;
}

/** What we use of ffjavascript's BN254, which has no types. */
export interface Curve {
  /** Order of the field of coordinates. */
  q: bigint;
  /** Order of the groups: of the field of circuits. */
  r: bigint;
  G1: Group;
  G2: Group;
  Gt: { one: Raw; mul(a: Raw, b: Raw): Raw; eq(a: Raw, b: Raw): boolean };
  prepareG1(point: Raw): Raw;
  prepareG2(point: Raw): Raw;
  millerLoop(g1: Raw, g2: Raw): Raw;
  finalExponentiation(value: Raw): Raw;
}

/** A file in memory, for snarkjs. */
export interface MemoryFile {
  type: 'mem';
  data?: Uint8Array;
}

/** What we use of snarkjs, which has no types. */
export interface Snarkjs {
  curves: { getCurveFromName(name: string, options: { singleThread: boolean }): Promise<Curve> };
  wtns: {
    calculate(
      input: unknown,
      wasm: Uint8Array,
      to: MemoryFile,
      options?: { memorySize: number },
    ): Promise<void>;
  };
  groth16: {
    prove(zkey: Uint8Array, witness: Uint8Array): Promise<{
      proof: { pi_a: string[]; pi_b: string[][]; pi_c: string[] };
      publicSignals: string[];
    }>;
  };
}

let loading: Promise<{ snarkjs: Snarkjs; curve: Curve }> | null = null;

/**
 * snarkjs with the curve on this thread: with the curve's own threads a proof never ends in Deno, and
 * a program never ends in Node.
 */
export async function loadSnarkjs(): Promise<{ snarkjs: Snarkjs; curve: Curve }> {
  const loaded = await (loading ??= load());
  // Every copy of ffjavascript that is loaded later sets this to null.
  (globalThis as { curve_bn128?: Curve }).curve_bn128 = loaded.curve;
  return loaded;
}

async function load(): Promise<{ snarkjs: Snarkjs; curve: Curve }> {
  const snarkjs = await import('snarkjs') as unknown as Snarkjs;
  const curve = await snarkjs.curves.getCurveFromName('bn128', { singleThread: true });
  return { snarkjs, curve };
}
