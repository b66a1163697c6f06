import { KeyRing } from '../../circuits/mod.ts';
import { NexusError } from '../../feeds/base/mod.ts';
import { ACCOUNT_PROOF_FORMAT } from '../../feeds/ledger/mod.ts';
import { call, type FieldRootsAnswer } from '../control/mod.ts';
import { pathsOf } from '../home/mod.ts';
import { networkOfId } from '../network/mod.ts';
import {
  checkStanding,
  checkTotal,
  parseStanding,
  parseTotal,
  type ProofVerdict,
  type Reader,
  rootWord,
  STANDING_FORMAT,
  type StandingWish,
  TOTAL_FORMAT,
} from '../proofs/mod.ts';
import type { Output } from './output.ts';
import { FORGEABLE } from './pinned_key.ts';
import { challengeOf, leastOf } from './prove_standing.ts';
import { showVerdict, showWords } from './verify_view.ts';

const FORMATS: readonly unknown[] = [STANDING_FORMAT, TOTAL_FORMAT];
/** Within its first characters a file says what it is. */
const HEAD = 256;

/** True for what is meant as the file of a proof. */
export function isProofFile(text: string): boolean {
  return FORMATS.includes(formatOf(text));
}

/**
 * An account's proof needs another root beside it than what is checked here.
 * @throws {NexusError} `USAGE`
 */
export function refuseAccountProof(text: string, path: string): void {
  if (formatOf(text) !== ACCOUNT_PROOF_FORMAT) return;
  throw new NexusError('USAGE', `${path} is the proof of an account, by \`nexus ledger prove\``, {
    hint: `nexus ledger check ${path === '-' ? '<file>' : path}`,
  });
}

function formatOf(text: string): string | undefined {
  return /"format":\s*"([^"]{1,64})"/.exec(text.slice(0, HEAD))?.[1];
}

export interface ProofFlags {
  home?: string | undefined;
  challenge?: string | undefined;
  reputation?: string | undefined;
  bond?: string | undefined;
}

/** Checks the file of a proof and says what it shows; false if it does not hold. */
export async function showProof(
  text: string,
  flags: ProofFlags,
  out: Output,
  signal: AbortSignal,
): Promise<boolean> {
  const challenge = challengeOf(flags.challenge);
  const wish = { ...leastOf(flags), ...(challenge === undefined ? {} : { challenge }) };
  let verdict: ProofVerdict & { statement: string };
  try {
    verdict = await check(text, wish, readerOf(flags.home, signal));
  } catch (thrown) {
    if (!(thrown instanceof NexusError) || thrown.code !== 'PROOF_FILE_BAD') throw thrown;
    await out.event({ event: 'proof-verdict', ok: false });
    await out.error(thrown);
    return false;
  }
  await out.event({ event: 'proof-verdict', ...verdict });
  await showWords(out, verdict);
  if (verdict.ok && verdict.insecure) {
    await out.warn(FORGEABLE);
  }
  await showVerdict(out, verdict.ok, 'the proof');
  return verdict.ok;
}

async function check(text: string, wish: StandingWish, reader: Reader) {
  const json = parsed(text);
  if ((json as { format?: unknown } | null)?.format === TOTAL_FORMAT) {
    return { statement: 'epoch-total', ...await checkTotal(parseTotal(json), reader) };
  }
  return { statement: 'standing', ...await checkStanding(parseStanding(json), wish, reader) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new NexusError('PROOF_FILE_BAD', 'the file is cut off, or no JSON', {
      hint: 'take nothing of it as proven; ask for it again',
      cause,
    });
  }
}

/** What this machine knows: the running node's ledger, and the networks of the home. */
function readerOf(home: string | undefined, signal: AbortSignal): Reader {
  const paths = pathsOf(home);
  return {
    async root(network, epoch, kind, root) {
      let answer: FieldRootsAnswer;
      try {
        answer = await call(paths.socket, 'fieldRoots', { epoch }, signal) as FieldRootsAnswer;
      } catch (thrown) {
        if (!(thrown instanceof NexusError)) throw thrown;
        const why = thrown.code === 'NODE_NOT_RUNNING' ? 'no node runs here' : thrown.message;
        return { state: 'unknown', why };
      }
      if (answer.network !== network) {
        return { state: 'unknown', why: 'the node that runs here is in another network' };
      }
      return rootWord(answer.roots === null ? [] : [answer.roots], epoch, kind, root);
    },
    termsOf: async (network) => (await networkOfId(paths, network))?.file.circuits ?? null,
    keys: new KeyRing(paths.circuits),
  };
}
