import { NexusError, sha256, toHex } from '../../feeds/base/mod.ts';
import { loadSnarkjs, type MemoryFile } from '../library.ts';
import { isProvingKey } from '../proving_key.ts';
import { isOver } from '../binary.ts';

/** What snarkjs' setup functions take of files. */
type Input = Uint8Array;

interface Setup {
  r1cs: {
    info(r1cs: Input): Promise<{ nConstraints: number; nPubInputs: number; nOutputs: number }>;
  };
  zKey: {
    newZKey(r1cs: Input, ptau: Input, zkey: MemoryFile): Promise<unknown>;
    beacon(
      from: Input,
      to: MemoryFile,
      name: string,
      hash: string,
      iterations: number,
    ): Promise<unknown>;
    verifyFromR1cs(r1cs: Input, ptau: Input, zkey: Input): Promise<boolean>;
  };
}

/** Times that the contribution's hash is hashed, as a power of two: snarkjs' least. */
const ITERATIONS = 10;

/** Section of powers of tau that starts with the order of the curve's field. */
const PTAU_HEADER = 1;

async function setup(): Promise<Setup & { q: bigint }> {
  const { snarkjs, curve } = await loadSnarkjs();
  return { ...snarkjs as unknown as Setup, q: curve.q };
}

/** Multiplications and public inputs of a compiled circuit. */
export async function sizeOf(r1cs: Uint8Array): Promise<{ constraints: number; publics: number }> {
  const { nConstraints, nPubInputs, nOutputs } = await (await setup()).r1cs.info(r1cs);
  return { constraints: nConstraints, publics: nPubInputs + nOutputs };
}

/**
 * The proving key of a circuit, the same bytes from the same inputs: its one contribution follows from
 * a stated text. Whoever runs this could forge proofs; so could everybody who reads the text.
 * @throws {NexusError} `PTAU_BAD`: too small, of another curve, or no powers of tau
 */
export async function makeKey(
  r1cs: Uint8Array,
  ptau: Uint8Array,
  contribution: string,
): Promise<Uint8Array> {
  const { zKey, q } = await setup();
  if (!isOver(q, ptau, 'ptau', PTAU_HEADER)) throw badPtau();
  const first: MemoryFile = { type: 'mem' }, last: MemoryFile = { type: 'mem' };
  const result = await zKey.newZKey(r1cs, ptau, first).catch((cause) => {
    throw badPtau(cause);
  });
  if (result === -1) throw badPtau();
  const hash = toHex(sha256(new TextEncoder().encode(contribution)));
  await zKey.beacon(first.data!, last, contribution, hash, ITERATIONS);
  return last.data!.slice();
}

/** snarkjs' own check that a proving key belongs to a circuit and to powers of tau. */
export async function isKeyOf(
  zkey: Uint8Array,
  r1cs: Uint8Array,
  ptau: Uint8Array,
): Promise<boolean> {
  const { zKey, q } = await setup();
  if (!isOver(q, ptau, 'ptau', PTAU_HEADER) || !await isProvingKey(zkey)) return false;
  try {
    return await zKey.verifyFromR1cs(r1cs, ptau, zkey) === true;
  } catch {
    // It throws where a file cannot be read as what it should be.
    return false;
  }
}

function badPtau(cause?: unknown): NexusError {
  return new NexusError('PTAU_BAD', 'these powers of tau do not do for the circuit', {
    hint: 'take a prepared phase-2 file of BN254 with at least as many powers as constraints',
    cause,
  });
}
