import { PROOF_STATEMENTS, type ProofStatement } from '../feeds/records/mod.ts';

/** What a circuit of ours shows. */
export type Statement = ProofStatement;

/** All of them, in the order in which they are shown. */
export const STATEMENTS: readonly Statement[] = PROOF_STATEMENTS;

/** The key that proofs of one statement are checked with. */
export interface CircuitKey {
  statement: Statement;
  /** SHA-256 (hex) of the canonical JSON of the verification key: what a network file pins. */
  hash: string;
  /**
   * Its secret follows from a public text: anybody can forge proofs. For development only. False is no
   * praise of a key in the home: `isInsecure` asks who vouches for it.
   */
  insecure: boolean;
  /** Where it lies: with the program, or in the home, where who made it is the network's word. */
  place: 'program' | 'home';
  /** Whether its proving key is here too: without it proofs can be checked, not made. */
  proves: boolean;
  /** Multiplications that the circuit checks. */
  constraints: number;
  /** Public inputs. */
  publics: number;
}

/** A key whose files can be read; content is checked against hashes as it is. */
export interface StoredKey extends CircuitKey {
  /** @throws {NexusError} `KEY_CORRUPT`, `KEY_UNKNOWN` where it is not here */
  read(kind: 'wasm' | 'zkey' | 'vkey'): Promise<Uint8Array>;
}

/** Values of a circuit's inputs by their names, field elements. */
export type CircuitInput = Record<string, bigint | bigint[] | bigint[][]>;

/** A Groth16 proof (Groth, EUROCRYPT 2016) with what it is about. */
export interface Proven {
  /** 256 bytes: A, B and C uncompressed, big-endian; of B's coordinates the imaginary part first. */
  proof: Uint8Array;
  publics: bigint[];
}

/** One proof to be checked. */
export interface ProofItem {
  statement: Statement;
  publics: readonly bigint[];
  proof: Uint8Array;
  /** Another key than the program's own; snarkjs' JSON of a verification key does too. */
  key?: StoredKey | object;
}
