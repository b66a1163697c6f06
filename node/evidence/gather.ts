import { KeyRing } from '../../circuits/mod.ts';
import { asNexusError, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import {
  buildEvidence,
  EVIDENCE_LIMITS,
  type EvidenceLog,
  type EvidenceOpening,
  type EvidenceTopic,
  type Replayed,
  replayLogs,
} from '../../feeds/evidence/mod.ts';
import type { Json } from '../../feeds/proof/mod.ts';
import type { Subject } from '../../feeds/trust/mod.ts';
import { type NetworkFile, networkToJson } from '../network/mod.ts';
import { demandKeys } from '../prover/mod.ts';
import { aboutOf, foldOptionsOf } from './verify.ts';

/** Logs as they are read, whether a node writes them or not. */
export type StoredLogs = Pick<Feeds, 'cores' | 'head' | 'read'>;

export interface GatherOptions {
  logs: StoredLogs;
  network: NetworkFile;
  /** Folder of keys of proofs beside those of the program; null: there is none. */
  keyFolder: string | null;
  /** Key of an executor, or id of a job: hexadecimal, or its first eight digits and more. */
  about: string;
  /** The transcript of an answer, where it is kept here. */
  opening(subject: Subject): Promise<EvidenceOpening | null>;
  signal: AbortSignal;
}

/** Made of the logs that are here, and what can be said of it at once. */
export interface Gathered {
  text: string;
  about: EvidenceTopic;
  epoch: number;
  audits: number;
  openings: number;
  isCheat: boolean;
}

/**
 * Makes an evidence file of the logs that are here, as far as the cuts that are whole.
 * @throws {NexusError} `EVIDENCE_NO_WITNESSES`, `EVIDENCE_INCOMPLETE`, `EVIDENCE_UNKNOWN`,
 * `EVIDENCE_AMBIGUOUS`, `EVIDENCE_TOO_LARGE`, `KEY_UNKNOWN`
 */
export async function gatherEvidence(options: GatherOptions): Promise<Gathered> {
  const { network, signal } = options;
  if (network.witnesses.length === 0) {
    throw new NexusError('EVIDENCE_NO_WITNESSES', `${network.name} has no witnesses: no audits`, {
      hint: 'choose a network with witnesses: --network',
    });
  }
  await demandKeys(new KeyRing(options.keyFolder), network.circuits);
  const rules = foldOptionsOf(network, options.keyFolder);
  const held = await readLogs(options);
  const all = await replayLogs(held, rules, () => signal.aborted);
  signal.throwIfAborted();
  if (all.replayed === null) {
    const why = asNexusError(all.broken).message;
    throw new NexusError('EVIDENCE_INCOMPLETE', `the logs here show no whole cut: ${why}`, {
      hint: 'let the node run until the peers’ logs are here: nexus up; see nexus peers',
    });
  }
  const about = topicOf(options.about, all.replayed);
  const proven = 'executor' in about
    ? all.replayed.cheats.find(({ executor }) => executor === about.executor)
    : undefined;
  const epoch = proven?.epoch ?? all.replayed.epoch;
  const until = (cut: { epoch: number }) => signal.aborted || cut.epoch >= epoch;
  const { replayed } = await replayLogs(held, rules, until);
  signal.throwIfAborted();
  const logs = trimmed(held, replayed!);
  const subjects = aboutOf({ about }, replayed!);
  const openings: EvidenceOpening[] = [];
  for (const { subject } of subjects.slice(-EVIDENCE_LIMITS.openings)) {
    const opening = await options.opening(subject);
    if (opening !== null) openings.push(opening);
  }
  const { reasons: _, ...file } = networkToJson({ file: network, bootstrap: null });
  const cheat = proven === undefined
    ? null
    : { epoch, profile: proven.profile, log: proven.log, limit: proven.limit };
  const text = buildEvidence({
    network: file as Json,
    about,
    epoch,
    claim: { digest: replayed!.view.digest, cheat },
    logs,
    openings,
  });
  const isCheat = cheat !== null;
  return { text, about, epoch, audits: subjects.length, openings: openings.length, isCheat };
}

/** Every log that is here, from its first block to the first that is missing. */
async function readLogs({ logs, signal }: GatherOptions): Promise<EvidenceLog[]> {
  const found: EvidenceLog[] = [];
  let bytes = 0;
  for (const key of await logs.cores()) {
    signal.throwIfAborted();
    const head = await logs.head(key).catch(emptyLog);
    if (head === null) continue;
    const blocks: Uint8Array[] = [];
    for await (const { value } of logs.read(key, { end: head.length, signal })) {
      if (value === null) break;
      blocks.push(value);
      bytes += value.length;
    }
    // In hexadecimal, each byte takes two characters.
    if (2 * bytes > EVIDENCE_LIMITS.characters) {
      throw new NexusError('EVIDENCE_TOO_LARGE', 'the logs are too large for one file', {
        hint:
          'the network is too old for evidence from its first cut; compare digests: nexus audit',
      });
    }
    found.push({ key, head: blocks.length === head.length ? head : null, blocks });
  }
  return found;
}

/** Of what its writer did not sign whole, only what the cuts cover: for the rest nobody vouches. */
function trimmed(
  logs: readonly EvidenceLog[],
  { covered, isWitness }: Replayed,
): EvidenceLog[] {
  return logs.flatMap((log) => {
    const key = toHex(log.key), until = covered(key);
    if (isWitness(key)) return [log];
    if (until === 0) return [];
    return [log.head === null ? { ...log, blocks: log.blocks.slice(0, until) } : log];
  });
}

/** What a word names: an executor whose answers stand in the cuts, or one of their jobs. */
function topicOf(word: string, { subjects }: Replayed): EvidenceTopic {
  const wanted = word.toLowerCase();
  const executors = new Set<string>(), jobs = new Set<string>();
  for (const { subject: { executor, job } } of subjects.values()) {
    if (executor.startsWith(wanted)) executors.add(executor);
    if (job.startsWith(wanted)) jobs.add(job);
  }
  if (!/^[0-9a-f]{8,64}$/.test(wanted) || executors.size + jobs.size === 0) {
    throw new NexusError('EVIDENCE_UNKNOWN', `no answer of ${word.slice(0, 64)} stands in a cut`, {
      hint: 'name the key of an executor (nexus peers) or the id of a job (nexus jobs), eight ' +
        'digits or more; an answer stands in a cut an epoch after it was given',
    });
  }
  if (executors.size + jobs.size > 1) {
    throw new NexusError('EVIDENCE_AMBIGUOUS', `${word} is the beginning of several keys`, {
      hint: 'give more digits',
    });
  }
  const [executor] = executors, [job] = jobs;
  return executor === undefined ? { job: job! } : { executor };
}

function emptyLog(thrown: unknown): null {
  if (thrown instanceof NexusError && thrown.code === 'CORE_EMPTY') return null;
  throw thrown;
}
