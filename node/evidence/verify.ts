import { asNexusError, toHex } from '../../feeds/base/mod.ts';
import {
  type AuditedSubject,
  type Evidence,
  parseEvidence,
  type Replayed,
  replayEvidence,
} from '../../feeds/evidence/mod.ts';
import { Checks } from '../../feeds/proof/mod.ts';
import { LOG_UNIT, type Subject, type TrustOptions } from '../../feeds/trust/mod.ts';
import { tableFacts } from '../calibration/mod.ts';
import { type NetworkFile, networkId, parseNetwork } from '../network/mod.ts';
import { contradictionsOf, openSubject, subjectOf } from './opened.ts';
import type { EvidenceCheat, EvidenceContradiction, EvidenceVerdict } from './types.ts';
import { auditOf, inWords } from './words.ts';

export interface VerifyEvidenceOptions {
  /** Ids (hexadecimal) of the networks that the reader knows; absent: the file's own is taken. */
  networks?: readonly string[];
  /** Whether another network than those is refused; default false: it is said. */
  strict?: boolean;
  /** The key of a job, where the reader has it and the file does not show it. */
  keyOf?: (subject: Subject, replayed: Replayed) => Promise<Uint8Array | null>;
}

const NOTHING: Omit<EvidenceVerdict, 'checks'> = {
  ok: false,
  establishes: [],
  doesNotEstablish: ['Anything: at least one check failed.'],
  network: null,
  epoch: null,
  cheat: null,
  contradictions: [],
  audits: [],
};
/** Audits that are listed, the newest. */
const MAX_AUDITS = 1024;

/** By what rules a network's logs are replayed. */
export function trustOptionsOf(file: NetworkFile): TrustOptions {
  const { rules, witnesses } = file;
  const readCalibration = (table: Uint8Array) => tableFacts(table, rules.alpha);
  return { network: networkId(file), witnesses, rules, readCalibration };
}

/**
 * Checks an evidence file offline: replays its logs from the first cut on, and compares with what its
 * writer concluded. Never throws on what a file may hold.
 *
 * @example
 * ```ts
 * import { verifyEvidence } from './mod.ts';
 *
 * for (const path of Deno.args) {
 *   const { ok, checks, cheat, establishes } = await verifyEvidence(await Deno.readTextFile(path));
 *   console.log(ok ? establishes : checks.filter((check) => !check.ok), cheat?.executor);
 * }
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
  const replayed = await replayEvidence(parsed, trustOptionsOf(file), checks);
  if (replayed === null) return { ...NOTHING, checks: checks.list, network };
  const about = aboutOf(parsed, replayed);
  await checks.run('audits', `${about.length} answers, their auditors and verdicts`, () => {
    if (about.length === 0) throw new Error('nothing of what it is about stands in a cut');
  });
  const { contradictions, opened, unproven } = await openAll(parsed, replayed, options, checks);
  if (!checks.ok) return { ...NOTHING, checks: checks.list, network };
  const cheat = cheatOf(parsed, replayed);
  const shown = { evidence: parsed, replayed, network: file, known, about, cheat };
  return {
    ok: true,
    checks: checks.list,
    ...inWords({ ...shown, contradictions, opened, unproven }),
    network,
    epoch: replayed.epoch,
    cheat,
    contradictions,
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

async function openAll(
  { openings }: Evidence,
  replayed: Replayed,
  { keyOf }: VerifyEvidenceOptions,
  checks: Checks,
): Promise<{ contradictions: EvidenceContradiction[]; opened: number; unproven: number }> {
  const contradictions: EvidenceContradiction[] = [];
  let opened = 0, unproven = 0;
  for (const opening of openings) {
    const name = `transcript ${opening.subject.slice(0, 8)}`;
    await checks.run(name, 'what the executor signed and the requester committed to', async () => {
      const subject = subjectOf(replayed, opening);
      const jobKey = opening.jobKey ?? await keyOf?.(subject, replayed) ?? null;
      if (jobKey === null) return 'sealed: only who has the key of the job can read it';
      const answer = await openSubject(opening, subject, jobKey, replayed);
      opened++;
      if (opening.vocabulary === null) return;
      unproven++;
      const { executor } = subject;
      for (const found of contradictionsOf(answer, opening, opening.vocabulary)) {
        contradictions.push({ ...found, subject: subject.id, executor });
      }
    });
  }
  return { contradictions, opened, unproven };
}
