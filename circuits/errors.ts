import { NexusError } from '../feeds/base/mod.ts';

/** Not the form of a proof at all: nothing was computed. */
export function malformed(why: string): NexusError {
  return new NexusError('PROOF_MALFORMED', `this is no proof: ${why}`, {
    hint:
      'a proof has 256 bytes, points of BN254’s groups: ask for it again, or distrust its maker',
  });
}

export function wrongPublics(why: string): NexusError {
  return new NexusError('PROOF_PUBLICS', `the proof’s public inputs are refused: ${why}`, {
    hint: 'take them from the statement that the proof is to show, not from its maker',
  });
}

export function invalidProof(statement: string): NexusError {
  return new NexusError('PROOF_INVALID', `the proof does not show this ${statement} statement`, {
    hint: 'it was made for something else (another job, epoch or network), or it is forged',
  });
}

export function corruptKey(what: string, cause?: unknown): NexusError {
  return new NexusError('KEY_CORRUPT', `a key of the circuits is not what it should be: ${what}`, {
    hint: 'install this version again, or take the key in again: nexus network keys <folder>',
    ...(cause === undefined ? {} : { cause }),
  });
}

export function unknownKey(statement: string): NexusError {
  return new NexusError('KEY_UNKNOWN', `there is no key for the statement ${statement}`, {
    hint: 'this version cannot prove or check it: install one that can, or build the keys',
  });
}

/** @param provingOnly the verification key is here, the proving key is not */
export function missingKey(
  statement: string,
  hash: string | null,
  provingOnly = false,
): NexusError {
  const which = provingOnly ? 'proving key' : 'key';
  const named = hash === null ? '' : ` ${hash.slice(0, 16)}…`;
  return new NexusError('KEY_UNKNOWN', `the ${which}${named} of ${statement} is not here`, {
    hint: 'take it in from the folder that its network publishes: nexus network keys <folder>; a ' +
      'key of development comes with the version of this program that made the network',
  });
}

export function otherCircuit(statement: string, why: string): NexusError {
  return new NexusError('KEY_CIRCUIT', `it is no key of the circuit ${statement}: ${why}`, {
    hint: 'take the file of that statement, made from this version’s circuits/src',
  });
}
