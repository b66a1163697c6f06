import { KeyRing } from '../../circuits/mod.ts';
import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import { replayStored } from '../../feeds/evidence/mod.ts';
import type { SamplingFinding, SamplingFold, SamplingProof } from '../../feeds/sampling/mod.ts';
import type { ProofRow, ProofRows } from '../control/mod.ts';
import { checkMade, proofRows } from '../daemon/mod.ts';
import { foldOptionsOf } from '../evidence/mod.ts';
import type { Network } from '../network/mod.ts';
import { readKept, readShown } from '../payloads/mod.ts';
import { checkHere, demandKeys, isForgeable, type ProverProcess } from '../prover/mod.ts';
import { boxSecret } from '../../feeds/wire/mod.ts';
import type { LogSource } from './sources.ts';
import { storedLogs } from './stored.ts';

/** What the logs come to. */
export interface ProofAudit {
  rows: ProofRows;
  findings: readonly SamplingFinding[];
  /** Why the replay ends before the last cut; null where it does not. */
  stopped: string | null;
}

export interface ProofAuditOptions {
  /** Identity of the home, hexadecimal; null where it is not known. */
  me: string | null;
  /** Folder of the transcripts that are kept here; null: none are. */
  payloads: string | null;
  /** What a running node has found of them. */
  found: ReadonlyMap<string, ProofRow>;
}

/**
 * Replays which proofs of sampling were asked for, made, missing and refuted, from the logs that are
 * here, and checks those that it can: of answers of which this home keeps all that they are about.
 * @throws {NexusError} `PROOFS_NONE`, `KEY_UNKNOWN`, `PROOFS_UNREAD` where no whole cut is here
 */
export async function auditProofs(
  source: Pick<LogSource, 'states' | 'read'>,
  network: Pick<Network, 'name' | 'id' | 'file' | 'keyFolder'>,
  { me, payloads, found: known }: ProofAuditOptions,
  signal: AbortSignal,
): Promise<ProofAudit> {
  if (network.file.circuits === null) throw none(network.name);
  const keys = new KeyRing(network.keyFolder);
  await demandKeys(keys, network.file.circuits);
  const options = { ...foldOptionsOf(network.file, network.keyFolder), network: network.id };
  let fold: SamplingFold | null = null, stopped: string | null = null;
  try {
    for await (const step of replayStored(await storedLogs(source), options, signal)) {
      fold = step.fold.sampling;
    }
  } catch (thrown) {
    if (!(thrown instanceof NexusError) || thrown.code !== 'CUT_INCOMPLETE') throw thrown;
    stopped = thrown.message;
  }
  if (fold === null) throw unread(network.name);
  const found = new Map<string, Pick<ProofRow, 'check' | 'code'>>();
  for (const proof of fold.proofs) {
    const { id } = proof.subject, row = known.get(id);
    if (row?.check === 'checked' || row?.check === 'refused') found.set(id, row);
    else if (proof.entry !== null && payloads !== null) {
      found.set(id, await checked(proof, network.id, source, payloads, keys, signal));
    }
  }
  const terms = network.file.circuits;
  const insecure = isForgeable('sample', await keys.find('sample', terms?.keys.sample), terms);
  const rows = proofRows(fold, me ?? '', found, 0, insecure, ({ entry }) => entry !== null, true);
  return { rows, findings: fold.findings.list, stopped };
}

async function checked(
  proof: SamplingProof,
  network: Uint8Array,
  source: Pick<LogSource, 'read'>,
  folder: string,
  keys: KeyRing,
  signal: AbortSignal,
): Promise<Pick<ProofRow, 'check' | 'code'>> {
  const { job, attempt } = proof.subject;
  const kept = await readKept(folder, job, attempt);
  const away = () => Promise.reject(new NexusError('NOT_KEPT', 'not all of it is kept here'));
  const transcripts = {
    kept: { get: () => Promise.resolve(kept?.sealed ?? null) },
    keyOf: () => kept?.jobKey ?? null,
    fetch: away,
    shown: async (_from: Uint8Array, _of: unknown, positions: readonly number[]) =>
      await readShown(folder, job, attempt, positions) ?? await away(),
  };
  const writers = { writerOf: () => null };
  const deps = {
    network,
    secret: boxSecret(new Uint8Array(32)),
    feeds: source,
    transcripts,
    prover: { check: (...asked: Parameters<ProverProcess['check']>) => checkHere(keys, ...asked) },
  };
  try {
    const result = await checkMade(proof, null, writers, deps, signal);
    return result.holds
      ? { check: 'checked', code: null }
      : { check: 'refused', code: result.error.code };
  } catch (thrown) {
    signal.throwIfAborted();
    return { check: 'unchecked', code: asNexusError(thrown).code };
  }
}

function none(name: string): NexusError {
  return new NexusError('PROOFS_NONE', `${name} asks for no proofs`, {
    hint: 'name a network that does: --network; one is made with nexus network new --prove sample',
  });
}

function unread(name: string): NexusError {
  return new NexusError('PROOFS_UNREAD', `the logs here show no whole cut of ${name}`, {
    hint: 'let the node run until the logs of the witnesses and their peers are here: nexus up',
  });
}
