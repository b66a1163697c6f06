import { equalBytes, fromHex, ncuText, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { FieldPath, MicroNcu, Ppm } from '../../feeds/ledger/mod.ts';
import { JsonFields } from '../../feeds/proof/mod.ts';
import {
  PROOF_BYTES,
  prove,
  standingInput,
  standingPublics,
  type StandingStatement,
  type StoredKey,
  verifyProof,
} from '../../circuits/mod.ts';
import {
  checked,
  checkKey,
  checkRoot,
  type ProofCheck,
  type ProofVerdict,
  type Reader,
  rootCaveats,
  underRoot,
  type VerifyProof,
} from './verdict.ts';

export const STANDING_FORMAT = 'nexus-standing-proof/1';

/** A proof that some account stands at least so, as in its file. */
export interface StandingProof extends StandingStatement {
  /** Hash of the verification key. */
  key: Uint8Array;
  proof: Uint8Array;
}

/**
 * Proves that the account at a path stands at least so. Takes seconds of this thread.
 * @param secret of the account
 * @param key under which it is to count
 * @throws {NexusError} `STANDING_SHORT`, `PROOF_WITNESS` (the secret is another account’s),
 * `PROOF_PUBLICS`, `KEY_UNKNOWN`, `KEY_CORRUPT`
 */
export async function proveStanding(
  statement: StandingStatement,
  path: FieldPath,
  secret: bigint,
  signal: AbortSignal,
  key: StoredKey,
): Promise<StandingProof> {
  const [, reputation = 0n, bonded = 0n] = path.leaf;
  if (reputation < BigInt(statement.reputation) || bonded < BigInt(statement.bond)) {
    throw new NexusError(
      'STANDING_SHORT',
      `the account has reputation ${Number(reputation) / 1e6} and ${ncuText(Number(bonded))} NCU ` +
        'bonded: that is less than what is to be proven',
      { hint: 'prove less, or bond more: nexus bond; see nexus balance' },
    );
  }
  const { proof } = await prove('standing', standingInput(statement, path, secret), signal, key);
  return { ...statement, key: fromHex(key.hash, 32), proof };
}

/** What a verifier of a standing asks for beside the proof. */
export interface StandingWish {
  /** That it gave; absent: nothing is compared. */
  challenge?: Uint8Array;
  /** Least that it takes; absent: what the file says. */
  reputation?: Ppm;
  bond?: MicroNcu;
}

/** Looks at a proof's file. */
export async function checkStanding(
  file: StandingProof,
  wish: StandingWish,
  reader: Reader,
): Promise<ProofVerdict> {
  const network = toHex(file.network), accounts = toHex(file.accounts);
  const { epoch, reputation, bond, challenge } = file;
  const key = await checkKey('standing', network, file.key, reader);
  const checks: ProofCheck[] = [key.check];
  if (key.key !== null) checks.push(await checkProof(file, key.key, reader.verify));
  if (wish.challenge !== undefined) {
    const ok = equalBytes(wish.challenge, challenge);
    const detail = ok ? 'the one that was given' : `it answers ${toHex(challenge)}, another one`;
    checks.push({ name: 'challenge', ok, detail });
  }
  const least = [wish.reputation ?? 0, wish.bond ?? 0] as const;
  if (reputation < least[0] || bond < least[1]) {
    const detail = `reputation ${reputation / 1e6} and ${ncuText(bond)} NCU: less than asked for`;
    checks.push({ name: 'bounds', ok: false, detail });
  }
  const word = await reader.root(network, epoch, 'accounts', accounts);
  checks.push(checkRoot(accounts, word, epoch));
  const ok = checks.every((one) => one.ok);
  return {
    ok,
    insecure: key.insecure,
    checks,
    establishes: !ok ? [] : [
      `whoever made this proof knows the secret of an account that had at least reputation ` +
      `${reputation / 1e6} and at least ${ncuText(bond)} NCU bonded ${
        underRoot(accounts, word, `the accounts of network ${network} after cut ${epoch}`)
      }`,
      wish.challenge === undefined
        ? `it was made for the challenge ${toHex(challenge)}`
        : 'it was made for your challenge: it was not kept from another time',
    ],
    doesNotEstablish: [
      'which account it is, or what else it has',
      'how the account stands after a later cut; part of the bond may have been asked back already',
      'that who showed you the proof is who made it: the challenge has to name both of you',
      ...(wish.challenge === undefined
        ? ['that it is fresh: give your challenge with --challenge']
        : []),
      ...rootCaveats(word, key.insecure),
    ],
  };
}

function checkProof(
  file: StandingProof,
  key: StoredKey,
  verify: VerifyProof = verifyProof,
): Promise<ProofCheck> {
  return checked('proof', async () => {
    await verify('standing', standingPublics(file), file.proof, key);
    return { ok: true, detail: 'Groth16, with what this file says' };
  });
}

export function standingText(file: StandingProof): string {
  const { network, epoch, accounts, reputation, bond, challenge, key, proof } = file;
  const bytes = { network, accounts, challenge, key, proof };
  const hex = Object.fromEntries(Object.entries(bytes).map(([name, one]) => [name, toHex(one)]));
  const json = { format: STANDING_FORMAT, epoch, reputation, bond, ...hex };
  return `${JSON.stringify(json, null, 2)}\n`;
}

const read = new JsonFields(bad);

/**
 * Reads a proof's file, which anybody may have written.
 * @throws {NexusError} `PROOF_FILE_BAD`
 */
export function parseStanding(json: unknown): StandingProof {
  const from = read.members(json, 'proof', [
    'format',
    'network',
    'epoch',
    'accounts',
    'reputation',
    'bond',
    'challenge',
    'key',
    'proof',
  ]);
  if (from.format !== STANDING_FORMAT) throw read.bad('format', STANDING_FORMAT);
  return {
    network: read.hex(from.network, 'network', 32),
    epoch: read.whole(from.epoch, 'epoch', 0xffff_ffff),
    accounts: read.hex(from.accounts, 'accounts', 32),
    reputation: read.whole(from.reputation, 'reputation', 1_000_000),
    bond: read.whole(from.bond, 'bond'),
    challenge: read.hex(from.challenge, 'challenge', 32),
    key: read.hex(from.key, 'key', 32),
    proof: read.hex(from.proof, 'proof', PROOF_BYTES),
  };
}

function bad(what: string): NexusError {
  return new NexusError('PROOF_FILE_BAD', `not a proof of a standing: ${what}`, {
    hint: 'take nothing of it as proven; ask for it again (nexus prove standing)',
  });
}
