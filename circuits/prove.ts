import { messageOf, NexusError } from '../feeds/base/mod.ts';
import { corruptKey } from './errors.ts';
import { loadSnarkjs, type MemoryFile } from './library.ts';
import { proofBytes } from './points.ts';
import { KeyRing } from './ring.ts';
import type { CircuitInput, Proven, Statement, StoredKey } from './types.ts';
import { verifyProof } from './verify.ts';

/** The circuits bring their own memory: snarkjs would reserve 2 GB beside it. */
const CALCULATOR = { memorySize: 1 };

/**
 * Proves a statement, on this thread: a second for each 4,000 constraints, to be done in a process of
 * its own. The proof is checked before it is handed out.
 * @param signal looked at between the steps; whoever cannot wait ends the process
 * @param key another one than the program's own
 * @throws {NexusError} `PROOF_WITNESS` (the statement does not hold for these inputs), `KEY_UNKNOWN`,
 * `KEY_CORRUPT`
 */
export async function prove(
  statement: Statement,
  input: CircuitInput,
  signal: AbortSignal,
  key?: StoredKey,
): Promise<Proven> {
  signal.throwIfAborted();
  const stored = key ?? await new KeyRing().demand(statement);
  const wasm = await stored.read('wasm'), zkey = await stored.read('zkey');
  const { snarkjs } = await loadSnarkjs();
  signal.throwIfAborted();
  const witness: MemoryFile = { type: 'mem' };
  await snarkjs.wtns.calculate(input, wasm, witness, CALCULATOR).catch((cause) => {
    throw new NexusError('PROOF_WITNESS', `the ${statement} statement does not hold`, {
      hint: `compare the inputs with the statement’s page in docs/proofs.md: ${
        messageOf(cause).slice(0, 200)
      }`,
      cause,
    });
  });
  signal.throwIfAborted();
  const { proof, publicSignals } = await snarkjs.groth16.prove(zkey, witness.data!)
    .catch((cause) => {
      throw corruptKey(`the proving key of ${statement} makes no proof`, cause);
    });
  signal.throwIfAborted();
  const proven = { proof: proofBytes(proof), publics: publicSignals.map(BigInt) };
  await verifyProof(statement, proven.publics, proven.proof, stored).catch((cause) => {
    // The witness fits, or there were none: it is the key whose points are not what they should be.
    throw corruptKey(`the proving key of ${statement} makes a proof that does not hold`, cause);
  });
  return proven;
}
