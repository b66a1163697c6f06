import { counted } from '../../feeds/base/mod.ts';
import { evidenceReader } from '../daemon/mod.ts';
import { type EvidenceAudit, verifyEvidence } from '../evidence/mod.ts';
import { pathsOf } from '../home/mod.ts';
import { short } from './answer.ts';
import { table } from './columns.ts';
import type { Output } from './output.ts';
import { showVerdict, showWords } from './verify_view.ts';

/** Audits that are listed for people, the newest. */
const MAX_ROWS = 32;

/** Replays a file of evidence and says what came of it; false if it does not hold. */
export async function showEvidence(
  text: string,
  flags: { home?: string | undefined; rerun: boolean },
  out: Output,
  signal: AbortSignal,
): Promise<boolean> {
  await using reader = await evidenceReader(pathsOf(flags.home), flags.rerun, signal);
  const verdict = await verifyEvidence(text, reader);
  signal.throwIfAborted();
  await out.event({ event: 'evidence', ...verdict });
  const { ok, audits, cheat } = verdict;
  if (audits.length > 0) {
    const rows = audits.slice(-MAX_ROWS).map(rowOf);
    await out.result(table([['JOB', 'TRY', 'EXECUTOR', 'OUTCOME', 'AUDITORS'], ...rows]));
    const more = audits.length - rows.length;
    if (more > 0) await out.result(`${counted(more, 'older answer')} not shown: --json has all`);
  }
  await showWords(out, verdict);
  await showVerdict(out, ok, cheat === null ? 'the evidence' : 'the proof that it cheated');
  return ok;
}

function rowOf({ job, attempt, executor, audited, outcome, duties }: EvidenceAudit): string[] {
  const found = duties.map(({ auditor, state, finding }) =>
    `${auditor.slice(0, 8)} ${state === 'revealed' ? finding : state}`
  );
  const end = audited ? outcome ?? 'not over' : 'not drawn';
  return [short(job), String(attempt), short(executor), end, found.join(', ') || '-'];
}
