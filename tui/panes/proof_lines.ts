import { type Line, span } from '../draw/mod.ts';
import type { Proofs } from '../state/mod.ts';

/** The proofs of sampling in a line: everybody's over all cuts, and what this node found and owes. */
export function proofLine(proofs: Proofs): Line {
  const { asked, made, missing, refuted, checked, refused, unchecked, waiting, insecure } = proofs;
  const fault = (count: number, what: string) =>
    span(`, ${count} ${what}`, count === 0 ? 'dim' : 'bad');
  return [
    span('proofs', 'bold'),
    ...(insecure ? [span(', INSECURE keys', 'bad')] : []),
    span(`  ${asked} asked, ${made} made`),
    fault(missing, 'missing'),
    fault(refuted, 'refuted'),
    span(`  here: ${checked} checked`),
    fault(refused, 'refused'),
    span(`, ${unchecked} unchecked`, 'dim'),
    ...(waiting === 0 ? [] : [span(`, ${waiting} to be made`)]),
  ];
}
