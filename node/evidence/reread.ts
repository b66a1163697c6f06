import { equalBytes, fromHex } from '../../feeds/base/mod.ts';
import type { EvidenceOpening, Replayed } from '../../feeds/evidence/mod.ts';
import type { Finding, Reading } from '../../feeds/records/mod.ts';
import type { Duty } from '../../feeds/trust/mod.ts';
import { entryAt, examine, type Found } from '../auditor/mod.ts';
import { readTable } from '../calibration/mod.ts';
import type { Engine, LoadedModel } from '../engine/mod.ts';
import type { Rules } from '../network/mod.ts';
import { contradictionsOf, logsOf, type OpenedSubject } from './opened.ts';

/** Steps of 1/16 nat by which two honest classes may differ at a position: 1 nat. */
const NEAR = 16;

/** With what an answer is read once more. */
export interface RereadOptions {
  engine: Pick<Engine, 'score'>;
  /** The model of the answer, with its weights; its class tested where that matters. */
  model: LoadedModel;
  rules: Rules;
  signal: AbortSignal;
}

/** One auditor's readings beside those of this machine. */
export interface ReadingsOf {
  auditor: string;
  /** Readings that it showed; of these the same, and those within a nat. */
  shown: number;
  equal: number;
  near: number;
}

/** What this machine reads of an answer. */
export interface Reread {
  subject: string;
  job: string;
  attempt: number;
  finding: Finding;
  detail: string;
  positions: number;
  mismatches: number;
  auditors: ReadingsOf[];
  /** True if the auditors read what this machine reads, and concluded nothing else. */
  ok: boolean;
}

/** Reads an opened answer once more, as its auditors had to, and compares with what they showed. */
export async function rereadSubject(
  answer: OpenedSubject,
  opening: EvidenceOpening,
  replayed: Replayed,
  { engine, model, rules, signal }: RereadOptions,
): Promise<Reread> {
  const { subject, payload, seed, signed } = answer;
  const about = replayed.subjects.get(subject.id)!;
  const revealed = about.duties.filter(({ reveal, state }) => state === 'revealed' && reveal);
  const shown = [...new Set(revealed.flatMap(({ readings }) => readings))];
  const first = revealed[0] ?? about.duties[0];
  const found = await examine(
    {
      payload,
      seed,
      sampling: signed.job.sampling,
      finish: signed.finish,
      class: signed.class,
      candidates: answer.candidates,
    },
    {
      engine,
      model,
      topK: opening.profile.topK,
      calibration: await calibrationOf(revealed, model, replayed, rules),
      carried: null,
      rules: {
        alpha: rules.alpha / 1e6,
        beta: rules.beta / 1e6,
        hardMargin: rules.hardMargin / 1000,
        lifetimeAlpha: rules.lifetimeAlpha / 1e6,
      },
      draw: first === undefined ? fromHex(subject.id, 32) : fromHex(first.draw, 32),
      shown,
    },
    signal,
  );
  const auditors: ReadingsOf[] = [];
  for (const duty of revealed) auditors.push(await compare(duty, found, replayed));
  const { id, job, attempt } = subject;
  const { finding, detail, positions, mismatches } = found;
  const strange = auditors.filter(({ shown, near }) => 2 * near < shown).length;
  const opposite = about.outcome === 'suspect'
    ? finding === 'ok'
    : about.outcome === 'ok' && (finding === 'trigger' || finding === 'fraud');
  const vocabulary = { size: model.vocabularySize, endTokens: model.endTokens };
  const own = contradictionsOf(answer, opening, vocabulary).length;
  const said = opening.vocabulary === null
    ? own
    : contradictionsOf(answer, opening, opening.vocabulary).length;
  const ok = 2 * strange <= auditors.length && !opposite && own === said;
  return { subject: id, job, attempt, finding, detail, positions, mismatches, auditors, ok };
}

/** That by which the auditors of this machine's class judged. */
async function calibrationOf(
  duties: readonly Duty[],
  model: LoadedModel,
  replayed: Replayed,
  { alpha }: Rules,
) {
  const ref = duties.find((duty) => equalBytes(fromHex(duty.class, 32), model.class))?.calibration;
  if (!ref) return null;
  const { table } = await entryAt(logsOf(replayed), ref.place, ['calibration']);
  return readTable(table, alpha);
}

async function compare(duty: Duty, own: Found, replayed: Replayed): Promise<ReadingsOf> {
  const { readings } = await entryAt(logsOf(replayed), duty.reveal!, ['verdictReveal']);
  const at = (position: number): Reading | undefined =>
    own.readings.find((reading) => reading.position === position);
  const pairs = readings.map((reading) => ({ theirs: reading, mine: at(reading.position) }));
  return {
    auditor: duty.auditor,
    shown: readings.length,
    equal: pairs.filter(({ theirs, mine }) => theirs.byte === mine?.byte && theirs.top === mine.top)
      .length,
    near:
      pairs.filter(({ theirs, mine }) =>
        mine !== undefined && apart(theirs.byte, mine.byte) <= NEAR
      ).length,
  };
}

function apart(a: number, b: number): number {
  const steps = Math.abs(a - b);
  return Math.min(steps, 256 - steps);
}

/** One line about it, for people. */
export function rereadText({ finding, positions, mismatches, auditors, ok }: Reread): string {
  const shown = auditors.reduce((sum, one) => sum + one.shown, 0);
  const near = auditors.reduce((sum, one) => sum + one.near, 0);
  const equal = auditors.reduce((sum, one) => sum + one.equal, 0);
  const readings = shown === 0
    ? 'no auditor has shown a reading'
    : `of ${shown} readings of the auditors ${equal} are the same here, ${near} within a nat`;
  return `read once more: ${finding}, ${mismatches} of ${positions} tokens differ; ${readings}` +
    (ok ? '' : ': this machine does not see what they saw');
}
