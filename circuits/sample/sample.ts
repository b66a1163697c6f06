import { wrongPublics } from '../errors.ts';
import { FIELD, isElement } from '../field.ts';
import type { CircuitInput } from '../types.ts';
import { candidateWords } from './words.ts';

/** Positions of one proof. Fewer are filled up with the last one. */
export const SAMPLE_POSITIONS = 5;
/** Candidates of each. */
export const SAMPLE_CANDIDATES = 32;

/** Leads beyond this decide nothing: no two logits are further apart. */
const MAX_LEAD = 32_768;
/** The claimed token's own: it marks which candidate that is. */
const OWN_LEAD = 65_536;

/** What a `sample` proof says of one position. */
export interface SampledPosition {
  /** Candidates in the order in which they are committed, no id twice. */
  ids: readonly number[];
  /** Noise term of each one's score, tq * G: units of 2^-26 nat. */
  noise: readonly number[];
  /** The one that is said to have been drawn. */
  token: number;
  /** Commitment to ids and logits. */
  leaf: bigint;
}

/** What only the prover has of it. */
export interface HiddenPosition {
  /** Quantised relative logits, one an id. */
  z: readonly number[];
  salt: bigint;
}

/** What a `sample` proof says. */
export interface SampleStatement {
  /** See `contextOf`. */
  context: bigint;
  /** 1 to 5. */
  positions: readonly SampledPosition[];
}

/**
 * The public inputs of a `sample` proof, worked out by its verifier: context, leaves, ids, leads.
 * @param places positions of the circuit, where it is not the program's own
 * @throws {NexusError} `PROOF_PUBLICS`: nothing that a proof could show
 */
export function samplePublics(
  { context, positions }: SampleStatement,
  places = SAMPLE_POSITIONS,
): bigint[] {
  if (positions.length === 0 || positions.length > places) {
    throw wrongPublics(`a sample proof has 1 to ${places} positions`);
  }
  const all = filled(positions, places).map((one) => ({ leaf: one.leaf, ...publicsOf(one) }));
  return [
    context,
    ...all.map(({ leaf }) => leaf),
    ...all.flatMap(({ words }) => words),
    ...all.flatMap(({ leads }) => leads),
  ];
}

/**
 * All inputs of the `sample` circuit.
 * @param hidden one a position
 * @throws {NexusError} `PROOF_PUBLICS`
 */
export function sampleInput(
  statement: SampleStatement,
  hidden: readonly HiddenPosition[],
  places = SAMPLE_POSITIONS,
): CircuitInput {
  const publics = samplePublics(statement, places);
  if (hidden.length !== statement.positions.length) {
    throw wrongPublics('not all positions are known');
  }
  const positions = filled(statement.positions, places), secrets = filled(hidden, places);
  const below = secrets.map(({ z }) => z.map((one) => BigInt(-one)));
  const n = places, k = SAMPLE_CANDIDATES;
  const words = publics.length - 1 - n - n * k;
  return {
    context: publics[0]!,
    leaf: publics.slice(1, 1 + n),
    ids: rows(publics.slice(1 + n, 1 + n + words), words / n),
    lead: rows(publics.slice(1 + n + words), k),
    salt: secrets.map(({ salt }) => salt),
    below,
    chosen: positions.map(({ ids, token }, i) => below[i]![ids.indexOf(token)] ?? 0n),
  };
}

/** The words of a position's ids, and by how much its token leads each candidate, in units of z. */
function publicsOf(
  { ids, noise, token, leaf }: SampledPosition,
): { words: bigint[]; leads: bigint[] } {
  const words = candidateWords(ids);
  if (ids.length !== SAMPLE_CANDIDATES || noise.length !== ids.length || words === null) {
    throw wrongPublics(`a position does not have ${SAMPLE_CANDIDATES} candidates`);
  }
  if (new Set(ids).size !== ids.length) throw wrongPublics('a candidate is there twice');
  if (!isElement(leaf)) throw wrongPublics('a leaf is not below the field’s order');
  const claimed = ids.indexOf(token);
  if (claimed < 0) throw wrongPublics('a token is not among the candidates');
  const leads = ids.map((id, i) => {
    if (i === claimed) return OWN_LEAD;
    const lead = Math.floor((noise[claimed]! - noise[i]! - (id < token ? 1 : 0)) / 65_536);
    if (!(lead >= -MAX_LEAD)) throw wrongPublics('a candidate beats the token whatever its logit');
    return Math.min(lead, MAX_LEAD);
  });
  return { words, leads: leads.map((lead) => lead < 0 ? FIELD + BigInt(lead) : BigInt(lead)) };
}

function filled<T>(positions: readonly T[], places: number): T[] {
  return Array.from({ length: places }, (_, i) => positions[i] ?? positions.at(-1)!);
}

function rows<T>(values: readonly T[], width: number): T[][] {
  return Array.from(
    { length: values.length / width },
    (_, i) => values.slice(i * width, (i + 1) * width),
  );
}
