import { type KeyRing, prove, sampleInput, verifyProof } from '../../circuits/mod.ts';
import { asNexusError, fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import { verifyLeaf } from '../payloads/mod.ts';
import {
  bigOf,
  type FromProver,
  hexOf,
  type Leaves,
  leavesFromJson,
  statementFromJson,
  type ToProver,
} from './wire.ts';

/** Does what one message asks. Never throws. @param rss bytes of memory that the process takes */
export async function answer(
  message: ToProver,
  keys: KeyRing,
  rss: () => number,
): Promise<FromProver> {
  const { id } = message;
  try {
    const done = message.op === 'prove'
      ? await proven(message, keys)
      : await checked(message, keys);
    return { id, ok: true, ...done, rss: rss() };
  } catch (thrown) {
    return { id, ok: false, error: asNexusError(thrown, 'PROVER_FAILED').toJSON(), rss: rss() };
  }
}

async function proven({ key, statement, hidden }: ToProver & { op: 'prove' }, keys: KeyRing) {
  const stored = await keys.demand('sample', key);
  const secrets = hidden.map(({ z, salt }) => ({ z, salt: bigOf(salt) }));
  const input = sampleInput(statementFromJson(statement), secrets);
  const { proof, publics } = await prove('sample', input, new AbortController().signal, stored);
  return { proof: toHex(proof), publics: publics.map(hexOf) };
}

async function checked(message: ToProver & { op: 'check' }, keys: KeyRing) {
  const { statement, key, leaves } = message;
  const publics = message.publics.map(bigOf), proof = fromHex(message.proof);
  if (leaves !== null) await checkHere(keys, key, publics, proof, leavesFromJson(leaves));
  else await verifyProof(statement, publics, proof, await keys.demand(statement, key));
  return { proof: '', publics: [] };
}

/**
 * Checks leaves against a root, and a proof against its public inputs, on this thread.
 * @param hash of the key under which it was made, hexadecimal
 * @throws {NexusError} `PROOF_LEAF`, `PROOF_INVALID`, `PROOF_MALFORMED`, `PROOF_PUBLICS`, `KEY_…`
 */
export async function checkHere(
  keys: KeyRing,
  hash: string,
  publics: readonly bigint[],
  proof: Uint8Array,
  { claim, at }: Leaves,
  _signal?: AbortSignal,
): Promise<void> {
  // Under another key every proof is wrong, and an honest executor would be accused.
  const key = await keys.demand('sample', hash);
  for (const one of at) {
    if (await verifyLeaf(one, claim)) continue;
    throw new NexusError('PROOF_LEAF', 'what its executor shows is not under the artifact’s root', {
      hint: 'ask the executor again; its proof counts as unchecked until it shows the right leaves',
    });
  }
  await verifyProof('sample', publics, proof, key);
}
