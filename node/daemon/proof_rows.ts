import type { ProofChecked, ProofRow, ProofRows } from '../control/mod.ts';
import type { SamplingFold, SamplingProof } from '../../feeds/sampling/mod.ts';
import type { Hex } from '../../feeds/trust/mod.ts';

/** Proofs that a dashboard is shown. */
const MAX_ROWS = 200;

/** What this node found of a proof; `check` null: it could not make it. */
export interface Found {
  check: ProofChecked | null;
  code: string | null;
}

/**
 * The proofs as dashboards and audits show them.
 * @param insecure anybody can forge proofs under the network's key
 * @param may true where this node may check one
 * @param whole all of them, those that it made itself are checked too
 */
export function proofRows(
  fold: Pick<SamplingFold, 'proofs' | 'counts'>,
  me: Hex,
  found: ReadonlyMap<Hex, Found>,
  waiting: number,
  insecure: boolean,
  may: (proof: SamplingProof) => boolean,
  whole = false,
): ProofRows {
  const sums = { asked: 0, made: 0, missing: 0, refuted: 0 };
  for (const counts of fold.counts.values()) {
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += counts[name];
  }
  const all = fold.proofs.filter(({ asked, entry }) => asked || entry !== null)
    .map((proof) => rowOf(proof, me, found.get(proof.subject.id), may(proof), whole));
  const count = (check: ProofChecked) => all.filter((row) => row.check === check).length;
  return {
    insecure,
    ...sums,
    checked: count('checked'),
    refused: count('refused'),
    unchecked: count('unchecked'),
    waiting,
    proofs: whole ? all : all.slice(-MAX_ROWS),
  };
}

function rowOf(
  { subject, beacon, asked, due, state, entry }: SamplingProof,
  me: Hex,
  found: Found | undefined,
  may: boolean,
  whole: boolean,
): ProofRow {
  const { id, job, attempt, executor, requester } = subject;
  const own = executor === me;
  const check = (own && !whole) || entry === null
    ? null
    : found?.check ?? (may ? 'unchecked' : null);
  return {
    subject: id,
    job,
    attempt,
    executor,
    requester,
    epoch: beacon,
    asked,
    due,
    state,
    own,
    check,
    code: found?.code ?? null,
  };
}
