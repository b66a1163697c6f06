import { equalBytes } from '../../feeds/base/mod.ts';
import type { Finding, FinishReason, Reading, Sampling } from '../../feeds/records/mod.ts';
import {
  type AuditRules,
  b1Byte,
  type Calibration,
  type Carry,
  contradictions,
  judge,
  LOOKUP,
  type Observation,
  observer,
  type OpenedPosition,
  type Payload,
  type Verdict,
} from '../audit/mod.ts';
import { drawOrder } from '../../feeds/trust/mod.ts';
import type { Engine, LoadedModel } from '../engine/mod.ts';

/** An opened attempt whose commitments hold. */
export interface Opened {
  payload: Payload;
  /** 32 bytes: seed of the draw. */
  seed: Uint8Array;
  sampling: Sampling;
  /** `error` where the executor died before it could say. */
  finish: FinishReason;
  /** Determinism class that the executor claims. */
  class: Uint8Array;
  /** What it drew from at some positions: it stands under a root that its executor signed. */
  candidates?: readonly OpenedPosition[];
}

/** With what an attempt is read once more. */
export interface Reader {
  engine: Pick<Engine, 'score'>;
  /** Loaded here, with its weights. */
  model: LoadedModel;
  /** Candidates a position: the profile's. */
  topK: number;
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
  const { payload, seed, sampling, finish, candidates = [] } = opened;
  const { prompt, prefix, output, bytes } = payload;
  const { model, topK, calibration, carried, rules } = reader;
  const look = observer({ seed, tq: sampling.tq, pq: sampling.pq, topK });
  const from = prefix.length;
  const observations: Observation[] = [];
  const shown = new Map(reader.shown.map((position) => [position, null as Reading | null]));
  if (output.length > 0) {
    const request = {
      profileId: model.profileId,
      prompt,
      output: [...prefix, ...output],
      from,
      topK: LOOKUP,
    };
    for await (const scored of reader.engine.score(request, signal)) {
      const position = scored.position - from;
      observations.push(look(scored, bytes[position]!));
      if (!shown.has(position)) continue;
      shown.set(position, { position, byte: b1Byte(scored.logit), top: scored.ids[0]! });
    }
    signal.throwIfAborted();
  }
  const order = drawOrder(reader.draw, observations.length);
  const ends = new Set(model.endTokens);
  const exact = model.determinism === 'exact' && equalBytes(model.class, opened.class);
  const verdict = judge({
    contradictions: contradictions(
      { prompt, prefix, output, finish, sampling, seed },
      { ...model, topK, isEnd: (id) => ends.has(id) },
      candidates,
    ),
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
