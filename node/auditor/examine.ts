import { equalBytes } from '../../feeds/base/mod.ts';
import type { Finding, Reading } from '../../feeds/records/mod.ts';
import { drawOrder } from '../../feeds/trust/mod.ts';
import {
  type Answered,
  type AuditRules,
  b1Byte,
  type Calibration,
  type Carry,
  contradictionsOf,
  judge,
  type Observation,
  type OpenedPosition,
  reread,
  type Rereader,
  type Verdict,
} from '../audit/mod.ts';

/** An opened attempt. */
export interface Opened extends Answered {
  /** Determinism class that the executor claims. */
  class: Uint8Array;
  /** What it drew from at some positions: it stands under a root that its executor signed. */
  candidates?: readonly OpenedPosition[];
}

/** With what an attempt is read once more. */
export interface Reader extends Rereader {
  /** For this model and both classes; null where there is none. */
  calibration: Calibration | null;
  carried: Carry | null;
  rules: AuditRules;
  /** 32 bytes, drawn after the artifact was fixed: the order in which positions are tested. */
  draw: Uint8Array;
  /** Output positions (of the attempt) of which the verdict shows what was read. */
  shown: readonly number[];
}

/** What an auditor found: a reveal's content, and what the next audit goes on with. */
export interface Found {
  finding: Finding;
  evidence: number[];
  readings: Reading[];
  positions: number;
  mismatches: number;
  detail: string;
  carry: Carry | null;
}

/**
 * Reads an attempt once more and judges it.
 * @throws what the engine says, and the signal's reason
 */
export async function examine(opened: Opened, reader: Reader, signal: AbortSignal): Promise<Found> {
  const { model, calibration, carried, rules } = reader;
  const from = opened.payload.prefix.length;
  const observations: Observation[] = [];
  const shown = new Map(reader.shown.map((position) => [position, null as Reading | null]));
  for await (const { scored, observation } of reread(opened, reader, signal)) {
    observations.push(observation);
    const position = scored.position - from;
    if (!shown.has(position)) continue;
    shown.set(position, { position, byte: b1Byte(scored.logit), top: scored.ids[0]! });
  }
  const order = drawOrder(reader.draw, observations.length);
  const exact = model.determinism === 'exact' && equalBytes(model.class, opened.class);
  const verdict = judge({
    contradictions: contradictionsOf(opened, reader, opened.candidates),
    observations: order.map((i) => observations[i]!),
    exact,
    calibration,
    carried,
    process: null,
    rules,
  });
  const { positions, job } = verdict.evidence, finding = findingOf(verdict, exact);
  const differing = observations.filter(({ mismatch, b1 }) =>
    mismatch === true || (exact && b1 !== 0)
  );
  return {
    finding,
    evidence: [...job ?? []],
    // In the order in which they were asked for.
    readings: [...shown.values()].filter((reading) => reading !== null),
    positions,
    mismatches: differing.length,
    detail: finding === 'ok' ? '' : detailOf(verdict),
    carry: verdict.verdict === 'inconclusive' ? verdict.carry : null,
  };
}

/** In the exact class honest answers are equal to the last bit: that needs no statistics. */
function findingOf(verdict: Verdict, exact: boolean): Finding {
  const clean = verdict.verdict === 'inconclusive' && exact && verdict.evidence.positions > 0;
  return clean ? 'ok' : verdict.verdict;
}

/** Positions that a verdict names for each of its reasons. */
const MAX_NAMED = 8;

function detailOf(verdict: Verdict): string {
  switch (verdict.verdict) {
    case 'ok':
      return '';
    case 'inconclusive':
      return verdict.why;
    case 'trigger':
      return verdict.reasons.map((reason) =>
        'positions' in reason ? `${reason.kind} ${named(reason.positions)}` : reason.kind
      ).join(', ');
    case 'fraud': {
      const { cause } = verdict;
      if (cause.kind === 'lifetime') return cause.kind;
      const places = cause.contradictions.slice(0, MAX_NAMED);
      return places.map(({ code, position }) => position === null ? code : `${code} ${position}`)
        .join(', ');
    }
  }
}

function named(positions: readonly number[]): string {
  const more = positions.length > MAX_NAMED ? ` and ${positions.length - MAX_NAMED} more` : '';
  return positions.slice(0, MAX_NAMED).join(' ') + more;
}
