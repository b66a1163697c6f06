import { KeyRing } from '../../circuits/mod.ts';
import { asNexusError, counted, toHex } from '../../feeds/base/mod.ts';
import {
  type AuditedSubject,
  type Evidence,
  type EvidenceOpening,
  parseEvidence,
  type Replayed,
  replayEvidence,
} from '../../feeds/evidence/mod.ts';
import type { NetworkOptions } from '../../feeds/ledger/mod.ts';
import { Checks } from '../../feeds/proof/mod.ts';
import { LOG_UNIT, type Subject } from '../../feeds/trust/mod.ts';
import { tableFacts } from '../calibration/mod.ts';
import { demandKeys, proofCheck } from '../prover/mod.ts';
import { type NetworkFile, networkId, parseNetwork } from '../network/mod.ts';
import { contradictionsOf, type OpenedSubject, openSubject, subjectOf } from './opened.ts';
import { type Reread, rereadText } from './reread.ts';
import type { EvidenceCheat, EvidenceContradiction, EvidenceVerdict } from './types.ts';
import { auditOf, inWords } from './words.ts';

export interface VerifyEvidenceOptions {
  /** Ids (hexadecimal) of the networks that the reader knows; absent: the file's own is taken. */
  networks?: readonly string[];
  /** Folder of keys of proofs beside those of the program. */
  keyFolder?: string;
  /** Whether another network than those is refused; default false: it is said. */
  strict?: boolean;
  /** The key of a job, where the reader has it and the file does not show it. */
  keyOf?: (subject: Subject, replayed: Replayed) => Promise<Uint8Array | null>;
  /** Reads an opened answer once more with its model; null where that is not here. */
  reread?: (
    answer: OpenedSubject,
    opening: EvidenceOpening,
    replayed: Replayed,
    network: NetworkFile,
  ) => Promise<Reread | null>;
}

const NOTHING: Omit<EvidenceVerdict, 'checks'> = {
  ok: false,
  establishes: [],
  doesNotEstablish: ['Anything: at least one check failed.'],
  network: null,
  epoch: null,
  cheat: null,
  contradictions: [],
  rereads: [],
  audits: [],
};
/** Audits that are listed, the newest. */
const MAX_AUDITS = 1024;

/**
 * By what rules a network's logs are replayed.
 * @param keys folder of keys beside those of the program; null: there is none
 */
export function foldOptionsOf(file: NetworkFile, keys: string | null): NetworkOptions {
  const { rules, witnesses, ledger: terms } = file;
  const readCalibration = (table: Uint8Array) => tableFacts(table, rules.alpha);
  const prints = rules.printChallengers > 0 ? rules : null;
  const network = networkId(file);
  const proofs = file.circuits && { terms: file.circuits, check: proofCheck(new KeyRing(keys)) };
  return { network, witnesses, rules, readCalibration, terms, audit: rules, prints, proofs };
}

/**
 * Checks an evidence file offline: replays its logs from the first cut on, and compares with what its
 * writer concluded. Never throws on what a file may hold.
 *
 * @example
 * ```ts
 * import { verifyEvidence } from './mod.ts';
 *
 * const text = Deno.args[0] === undefined ? '{}' : await Deno.readTextFile(Deno.args[0]);
 * const { ok, checks, cheat, establishes } = await verifyEvidence(text);
 * console.log(ok ? establishes : checks.filter((check) => !check.ok), cheat?.executor);
 * ```
 *
 * @param evidence the text of the file, or what `parseEvidence` made of it (without the checksum then)
 */
export async function verifyEvidence(
  evidence: string | Evidence,
  options: VerifyEvidenceOptions = {},
): Promise<EvidenceVerdict> {
  const checks = new Checks();
  let parsed: Evidence, file: NetworkFile;
  try {
    parsed = typeof evidence === 'string' ? parseEvidence(evidence) : evidence;
    file = parseNetwork(parsed.network).file;
  } catch (thrown) {
    const { code, message } = asNexusError(thrown);
    return { ...NOTHING, checks: [{ name: 'file', ok: false, detail: `${code}: ${message}` }] };
  }
  if (typeof evidence === 'string') await checks.run('file', 'complete and unchanged', () => true);
  const network = toHex(networkId(file));
  const known = options.networks?.includes(network) ?? false;
  const which = `${file.name}, ${network.slice(0, 16)}…, ${
    known ? 'known here' : 'not known here'
  }`;
  await checks.run('network', which, () => {
    if (options.strict === true && !known) throw new Error(`it is another one: ${which}`);
  });
  if (file.circuits !== null) {
    const keys = new KeyRing(options.keyFolder ?? null);
    await checks.run('keys', 'of its proofs: here', () => demandKeys(keys, file.circuits));
    if (!checks.ok) return { ...NOTHING, checks: checks.list, network };
  }
  const replayed = await replayEvidence(
    parsed,
    foldOptionsOf(file, options.keyFolder ?? null),
    checks,
  );
  if (replayed === null) return { ...NOTHING, checks: checks.list, network };
  const about = aboutOf(parsed, replayed);
  await checks.run(
    'audits',
    `${counted(about.length, 'answer')}, with auditors and verdicts`,
    () => {
      if (about.length === 0) throw new Error('nothing of what it is about stands in a cut');
    },
  );
  const found = await openAll(parsed, file, replayed, options, checks);
  const { contradictions, rereads } = found;
  if (!checks.ok) return { ...NOTHING, checks: checks.list, network, rereads };
  const cheat = cheatOf(parsed, replayed);
  const shown = { evidence: parsed, replayed, network: file, known, about, cheat, ...found };
  return {
    ok: true,
    checks: checks.list,
    ...inWords(shown),
    network,
    epoch: replayed.epoch,
    cheat,
    contradictions,
    rereads,
    audits: about.slice(-MAX_AUDITS).map(auditOf),
  };
}

/** The answers that a file is about, the oldest first. */
export function aboutOf({ about }: Pick<Evidence, 'about'>, replayed: Replayed): AuditedSubject[] {
  return [...replayed.subjects.values()].filter(({ subject }) =>
    'executor' in about ? subject.executor === about.executor : subject.job === about.job
  );
}

function cheatOf({ about }: Evidence, { cheats }: Replayed): EvidenceCheat | null {
  const found = 'executor' in about ? cheats.find((one) => one.executor === about.executor) : null;
  if (!found) return null;
  const { executor, epoch, profile, log, limit } = found;
  return { executor, epoch, profile, log: log / LOG_UNIT, limit: limit / LOG_UNIT };
}

/** What came of the transcripts. */
interface Openings {
  contradictions: EvidenceContradiction[];
  rereads: Reread[];
  opened: number;
  /** Opened, but what is known of the model's vocabulary is the file's word alone. */
  unproven: number;
}

async function openAll(
  { openings }: Evidence,
  network: NetworkFile,
  replayed: Replayed,
  { keyOf, reread }: VerifyEvidenceOptions,
  checks: Checks,
): Promise<Openings> {
  const found: Openings = { contradictions: [], rereads: [], opened: 0, unproven: 0 };
  for (const opening of openings) {
    const name = opening.subject.slice(0, 8);
    let answer: OpenedSubject | null = null;
    const detail = 'what the executor signed and the requester committed to';
    await checks.run(`transcript ${name}`, detail, async () => {
      const subject = subjectOf(replayed, opening);
      const jobKey = opening.jobKey ?? await keyOf?.(subject, replayed) ?? null;
      if (jobKey === null) return 'sealed: only who has the key of the job can read it';
      answer = await openSubject(opening, subject, jobKey, replayed);
    });
    if (answer === null) continue;
    const opened: OpenedSubject = answer;
    found.opened++;
    const { vocabulary } = opening, { id, executor } = opened.subject;
    for (const one of contradictionsOf(opened, opening, vocabulary)) {
      found.contradictions.push({ ...one, subject: id, executor });
    }
    let read: Reread | null = null;
    if (reread !== undefined) {
      await checks.run(`reread ${name}`, 'the model is not here', async () => {
        read = await reread(opened, opening, replayed, network);
        if (read === null) return;
        found.rereads.push(read);
        if (!read.ok) throw new Error(rereadText(read));
        return rereadText(read);
      });
    }
    if (vocabulary !== null && read === null) found.unproven++;
  }
  return found;
}
