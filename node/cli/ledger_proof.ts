import { fromHex, ncuText, NexusError, toHex } from '../../feeds/base/mod.ts';
import {
  type Account,
  type AccountProof,
  checkAccount,
  parseAccountProof,
  type ProvenAccount,
} from '../../feeds/ledger/mod.ts';
import type { ProveAnswer } from '../control/mod.ts';
import { pathsOf, readBytes } from '../home/mod.ts';
import { listNetworks, loadNetwork } from '../network/mod.ts';
import { byCut, percent } from './balance_view.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit.ts';
import { ledgerCall } from './ledger_call.ts';
import type { Output } from './output.ts';
import { writeProofFile } from './proof_file.ts';
import { oneLine } from './text.ts';
import { showVerdict, showWords } from './verify_view.ts';

/** An account's proof has some kilobytes. */
const MAX_BYTES = 1 << 20;
/** Parts of a bond that are named. */
const MAX_PARTS = 4;

/** Asks the running node for the proof of an account, and writes it to a file or to stdout. */
export async function writeProof(
  context: Context,
  account: string | null,
  path: string | undefined,
  out: Output,
  signal: AbortSignal,
): Promise<void> {
  const { proof, certified } = await ledgerCall(
    context,
    'ledgerProve',
    { account },
    signal,
  ) as ProveAnswer;
  const root = toHex(checkAccount(proof).root);
  const isCertified = certified?.epoch === proof.epoch && certified.root === root;
  const { key } = proof.account;
  const text = `${JSON.stringify(proof, null, 2)}\n`;
  if (path !== undefined) await writeProofFile(path, text);
  const fields = { account: key, epoch: proof.epoch, root, certified: isCertified };
  await out.event({ event: 'account-proven', ...fields, path: path ?? null, proof });
  if (path === undefined) await out.answer(text);
  else await out.result(oneLine(path));
  await out.note(`account ${key.slice(0, 8)} after cut ${proof.epoch}, root ${root}`);
  if (!isCertified) {
    await out.note(
      'the witnesses have not vouched for it yet: with the next cut they do, which nexus ledger ' +
        `--epoch ${(proof.epoch ?? 0) + 1} tells`,
    );
  }
}

/**
 * Checks a proof without node or network.
 * @returns the exit code
 */
export async function checkProof(
  path: string,
  flags: { home?: string | undefined; root?: string | undefined },
  out: Output,
): Promise<number> {
  const root = flags.root?.toLowerCase();
  if (root !== undefined && !/^[0-9a-f]{64}$/.test(root)) {
    throw new NexusError('USAGE', '--root must be 64 hexadecimal digits', {
      hint: 'as nexus ledger shows it, on a machine that you trust',
    });
  }
  const text = await read(path);
  let proven: ProvenAccount;
  try {
    proven = provenUnder(parseAccountProof(text), root);
  } catch (thrown) {
    if (!(thrown instanceof NexusError) || !thrown.code.startsWith('ACCOUNT_PROOF')) throw thrown;
    await out.error(thrown);
    await showVerdict(out, false, 'the proof');
    return EXIT.check;
  }
  const known = await networkName(proven.network, flags.home);
  const words = wordsOf(proven, root !== undefined, known);
  const { account, epoch, network } = proven;
  if (known === null) {
    await out.warn(`network ${network} is not known on this machine: compare the id, too`);
  }
  const found = toHex(proven.root);
  await out.event({
    event: 'account-proof',
    ...words,
    epoch,
    network,
    known,
    root: found,
    account,
  });
  await showWords(out, words);
  if (root !== undefined) {
    await showVerdict(out, true, 'the proof');
    return EXIT.done;
  }
  await out.result(
    'undecided: anybody can write a file that leads to some root. It holds if ' +
      `${found} is the root of cut ${epoch ?? '-'}: take that root from a node that you trust ` +
      `(${seeCut(epoch)}), best one that the witnesses certified, and compare it: --root <hex>`,
  );
  return EXIT.failed;
}

/**
 * As `checkAccount`.
 * @param root hexadecimal
 * @throws {NexusError} `ACCOUNT_PROOF_ROOT` naming the cut whose root it must be
 */
export function provenUnder(proof: AccountProof, root: string | undefined): ProvenAccount {
  try {
    return checkAccount(proof, root === undefined ? undefined : fromHex(root, 32));
  } catch (thrown) {
    if (!(thrown instanceof NexusError) || thrown.code !== 'ACCOUNT_PROOF_ROOT') throw thrown;
    const { epoch, network } = proof;
    throw new NexusError(thrown.code, thrown.message, {
      hint:
        `the file is of cut ${epoch ?? '-'} of network ${network.slice(0, 8)}: --root must be ` +
        `the root of that cut, which ${seeCut(epoch)} tells`,
      cause: thrown,
    });
  }
}

function seeCut(epoch: number | null): string {
  return epoch === null ? 'nexus ledger' : `nexus ledger --epoch ${epoch}`;
}

/** What a proof that leads to its root says, and what it does not; undecided where no root is given. */
export function wordsOf(
  { account, epoch, root, network }: ProvenAccount,
  isRootGiven: boolean,
  networkName: string | null,
) {
  const { available, escrow, pending, bonded, owed, reputation, status, violations } = account;
  const hex = toHex(root), ok = isRootGiven ? true : null;
  const checks = [
    { name: 'path', ok: true, detail: 'the account leads to the root that is named next' },
    {
      name: 'root',
      ok,
      detail: isRootGiven ? `${hex}, as was asked` : `${hex}, compared with nothing`,
    },
  ];
  const banned = status === 'banned' ? 'it is banned; ' : '';
  const establishes = [
    `in a ledger with this root ${account.key} has ${ncuText(available)} NCU available, ` +
    `${ncuText(escrow)} in escrow, ${ncuText(pending)} pending, ${ncuText(bonded)} bonded${
      unbondingText(account)
    }, and ` +
    `owes ${ncuText(owed)}`,
    `${banned}its reputation is ${percent(reputation / 1e6)}, with ${violations} proven misdeeds`,
    `the root stands for the state after cut ${epoch ?? '-'} of network ${network}` +
    (networkName === null ? ', which is not known here' : `, known here as ${networkName}`),
  ];
  const doesNotEstablish = [
    isRootGiven
      ? 'that the root is the true one: whoever named it to you has to be right'
      : 'that the root is the true one: take it from a node of yours (nexus ledger), from the ' +
        "witnesses' certified one, or replay the logs (nexus audit --ledger)",
    'how the account stands after a later cut',
  ];
  return { ok, checks, establishes, doesNotEstablish };
}

/** What of the bond is asked back, and when it is free. */
function unbondingText({ unbonding }: Account): string {
  const parts = byCut(unbonding);
  const shown = parts.slice(0, MAX_PARTS).map(({ amount, cut }) =>
    `${ncuText(amount)} free after cut ${cut}`
  );
  if (shown.length === 0) return '';
  const all = parts.reduce((sum, { amount }) => sum + amount, 0);
  const more = parts.length > MAX_PARTS ? ', …' : '';
  return ` (${ncuText(all)} of it asked back: ${shown.join(', ')}${more})`;
}

async function networkName(id: string, home: string | undefined): Promise<string | null> {
  const paths = pathsOf(home);
  for (const name of await listNetworks(paths)) {
    const network = await loadNetwork(paths, name).catch(() => null);
    if (network !== null && toHex(network.id) === id) return name;
  }
  return null;
}

async function read(path: string): Promise<string> {
  const name = oneLine(path), hint = 'give a file that nexus ledger prove has written';
  let bytes: Uint8Array | null;
  try {
    bytes = await readBytes(path, MAX_BYTES);
  } catch (thrown) {
    const { code } = thrown as { code?: unknown };
    if (code === 'FILE_TOO_LARGE') {
      throw new NexusError('PROOF_TOO_LARGE', `${name} is larger than ${MAX_BYTES} bytes`, {
        hint,
      });
    }
    // A pipe would be waited for, a device read without end.
    const why = code === 'FILE_IRREGULAR' ? ': it is no ordinary file' : '';
    throw new NexusError('PROOF_UNREADABLE', `cannot read ${name}${why}`, { hint, cause: thrown });
  }
  if (bytes === null) {
    throw new NexusError('PROOF_UNREADABLE', `there is no file ${name}`, { hint });
  }
  return new TextDecoder().decode(bytes);
}
