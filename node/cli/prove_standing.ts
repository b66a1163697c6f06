import { fromHex, ncuText, NexusError, parseNcu, toHex } from '../../feeds/base/mod.ts';
import { accountSecret } from '../../feeds/wire/mod.ts';
import type { FieldAccountAnswer } from '../control/mod.ts';
import { proveStanding, type StandingProof, standingText } from '../proofs/mod.ts';
import { applyAt } from './apply.ts';
import { type Context, openContext } from './context.ts';
import { FORGEABLE, pinnedKey } from './pinned_key.ts';
import { ledgerCall } from './ledger_call.ts';
import type { Output } from './output.ts';
import { writeProofFile } from './proof_file.ts';

export interface StandingFlags {
  home?: string | undefined;
  out?: string | undefined;
  reputation?: string | undefined;
  bond?: string | undefined;
  challenge?: string | undefined;
  /** Address of a gateway that admits on a proof. */
  for?: string | undefined;
}

/** `nexus prove standing` */
export async function proveOwnStanding(
  flags: StandingFlags,
  out: Output,
  signal: AbortSignal,
): Promise<void> {
  if (flags.for !== undefined) return await applyAt(flags.for, flags, out, signal);
  const challenge = challengeOf(flags.challenge);
  if (challenge === undefined) {
    throw new NexusError('USAGE', 'a proof answers a challenge of whoever asks for it', {
      hint: 'give the 64 hexadecimal digits that they drew: --challenge <hex>; or name a gateway ' +
        'that admits on such proofs: --for <address>',
    });
  }
  if (flags.reputation === undefined && flags.bond === undefined) {
    throw new NexusError('USAGE', 'a standing is a least reputation, a least bond, or both', {
      hint: 'such as --reputation 0.6 --bond 12.5',
    });
  }
  const { reputation = 0, bond = 0 } = leastOf(flags);
  const context = await openContext({ home: flags.home });
  const wish = { reputation, bond, challenge };
  const { proof, certified, insecure } = await standingOf(context, wish, out, signal);
  const { epoch } = proof;
  const file = flags.out ?? `cut-${epoch}.standing`;
  await writeProofFile(file, standingText(proof));
  const network = toHex(proof.network), accounts = toHex(proof.accounts);
  const fields = { network, epoch, accounts, certified, reputation, bond, insecure };
  await out.event({ event: 'proof-written', statement: 'standing', path: file, ...fields });
  await out.result(file);
  await out.note(
    `an account of this network has at least reputation ${reputation / 1e6} and ` +
      `${ncuText(bond)} NCU bonded; the file does not say which one`,
  );
  if (insecure) await out.warn(FORGEABLE);
  if (!certified) await out.note('the witnesses vouch for the root with the next cuts');
}

/**
 * Proves of the account of the node that runs here.
 * @param network id that it must be in, hexadecimal; absent: any
 * @throws {NexusError} `ACCOUNT_NO_SECRET`, `OTHER_NETWORK`, and what `proveStanding` throws
 */
export async function standingOf(
  context: Context,
  wish: Pick<StandingProof, 'reputation' | 'bond' | 'challenge'>,
  out: Output,
  signal: AbortSignal,
  network?: string,
): Promise<{ proof: StandingProof; certified: boolean; insecure: boolean }> {
  const answer = await accountOf(context, signal, network);
  const { epoch, root, certified, path, leaf } = answer;
  if (leaf[0] === '0') {
    throw new NexusError('ACCOUNT_NO_SECRET', 'the ledger knows no secret of this account', {
      hint: 'the identity was made by an earlier version; one of a new home has it: nexus init',
    });
  }
  await out.note(`proving under the root of cut ${epoch}: some seconds`);
  const statement = {
    network: fromHex(answer.network, 32),
    epoch,
    accounts: fromHex(root, 32),
    ...wish,
  };
  const inputs = {
    index: path.index,
    leaf: leaf.map(BigInt),
    siblings: path.siblings.map((one) => fromHex(one, 32)),
  };
  const { key, insecure } = await pinnedKey(context, 'standing', answer.network);
  const secret = accountSecret(context.home.seed);
  const proof = await proveStanding(statement, inputs, secret, signal, key);
  return { proof, certified, insecure };
}

async function accountOf(
  context: Context,
  signal: AbortSignal,
  network: string | undefined,
): Promise<FieldAccountAnswer> {
  const answer = await ledgerCall(context, 'fieldAccount', {}, signal) as FieldAccountAnswer;
  if (network === undefined || answer.network === network) return answer;
  throw new NexusError('OTHER_NETWORK', 'the node that runs here is in another network', {
    hint: `the gateway is in ${network}: start a node of it, nexus up --network <name>`,
  });
}

/** @throws {NexusError} `USAGE` */
export function challengeOf(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  if (/^[0-9a-f]{64}$/i.test(text)) return fromHex(text.toLowerCase(), 32);
  throw new NexusError('USAGE', '--challenge must be 64 hexadecimal digits', {
    hint: 'whoever asks for the proof draws them anew each time',
  });
}

/** What a standing has to come to, as flags say it. @throws {NexusError} `USAGE` */
export function leastOf(flags: Pick<StandingFlags, 'reputation' | 'bond'>): {
  /** Parts in a million. */
  reputation?: number;
  /** micro-NCU. */
  bond?: number;
} {
  const bond = flags.bond === undefined ? undefined : parseNcu(flags.bond);
  if (bond === null) {
    throw new NexusError('USAGE', '--bond takes an amount of NCU', { hint: 'such as --bond 12.5' });
  }
  return {
    ...(flags.reputation === undefined ? {} : { reputation: shareOf(flags.reputation) }),
    ...(bond === undefined ? {} : { bond }),
  };
}

/** Parts in a million of `0.6` or `60%`. */
function shareOf(text: string): number {
  const [, number, percent] = /^(\d{1,3}(?:\.\d{1,6})?)(%?)$/.exec(text.trim()) ?? [];
  const share = Math.round(Number(number ?? NaN) * (percent === '%' ? 1e4 : 1e6));
  if (share >= 0 && share <= 1e6) return share;
  throw new NexusError('USAGE', '--reputation takes a number from 0 to 1', {
    hint: 'such as --reputation 0.6, or 60%',
  });
}
