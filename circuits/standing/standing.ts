import type { FieldPath, MicroNcu, Ppm } from '../../feeds/ledger/mod.ts';
import { countBytes } from '../../feeds/base/mod.ts';
import { contextOf } from '../context.ts';
import { wrongPublics } from '../errors.ts';
import { rangeElement, rootElement } from '../fields.ts';
import type { CircuitInput } from '../types.ts';

/** Bits of a reputation, of an amount. */
const REPUTATION_BITS = 20;
const AMOUNT_BITS = 53;

/** What a `standing` proof says. */
export interface StandingStatement {
  /** Id of the network, 32 bytes. */
  network: Uint8Array;
  /** Of the cut after which the accounts stood so. */
  epoch: number;
  /** Poseidon root over all accounts, 32 bytes. */
  accounts: Uint8Array;
  /** Least that the account has. */
  reputation: Ppm;
  bond: MicroNcu;
  /** 32 bytes that the verifier drew for this one proof. */
  challenge: Uint8Array;
}

/**
 * The public inputs of a `standing` proof, worked out by its verifier: root, bounds, context.
 * @throws {NexusError} `PROOF_PUBLICS`: nothing that a proof could show
 */
export function standingPublics(
  { network, epoch, accounts, reputation, bond, challenge }: StandingStatement,
): bigint[] {
  if (challenge.length !== 32) throw wrongPublics('a challenge has 32 bytes');
  return [
    rootElement(accounts),
    rangeElement(reputation, REPUTATION_BITS, 'reputation'),
    rangeElement(bond, AMOUNT_BITS, 'bond'),
    contextOf('standing', network, countBytes(epoch), challenge),
  ];
}

/**
 * All inputs of the `standing` circuit.
 * @param path the account's, in the tree of that root
 * @param secret of the account
 * @throws {NexusError} `PROOF_PUBLICS`
 */
export function standingInput(
  statement: StandingStatement,
  path: FieldPath,
  secret: bigint,
): CircuitInput {
  const [root, leastReputation, leastBond, context] = standingPublics(statement);
  const [, reputation, bonded, available, owed, ...key] = path.leaf;
  return {
    root: root!,
    leastReputation: leastReputation!,
    leastBond: leastBond!,
    context: context!,
    secret,
    reputation: reputation!,
    bonded: bonded!,
    available: available!,
    owed: owed!,
    key,
    place: path.siblings.map((_, level) => BigInt(Math.floor(path.index / 2 ** level) % 2)),
    siblings: path.siblings.map(rootElement),
  };
}
