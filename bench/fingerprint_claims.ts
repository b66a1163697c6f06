/** How often an honest claim is contradicted, by one challenger and by three, and a false one not. */
import {
  type ClaimedFigures,
  combine,
  contradictions,
  type Measured,
} from '../feeds/fingerprints/mod.ts';
import { median } from '../feeds/base/mod.ts';
import { progress, upperBound } from './fingerprint_lib.ts';
import { CHALLENGERS, ProbedMachine, TOLERANCE } from './fingerprint_machine.ts';
import { ProbeFile } from './fingerprint_probes.ts';
import type { Figure } from './lib.ts';
import type { BenchModel } from './model.ts';

export interface ClaimsBench {
  /** Trials of three challengers: as many threes of probes. */
  trials: number;
  /** No probe begins after this, milliseconds. */
  budgetMs: number;
}

export const CLAIMS_BENCH: ClaimsBench = { trials: 300, budgetMs: 420_000 };
/** Probes that a claim is made of, as a node makes it: what it measured of itself. */
const OWN = 5;

/** Probes of one stretch of time, and what was claimed at its beginning. */
export interface Stretch {
  claim: ClaimedFigures;
  probes: Measured[];
}

/**
 * As many probes as there is time for; where `NEXUS_BENCH_PROBES` names a file, what earlier runs left
 * there counts too, until there are enough.
 */
export async function fingerprintClaims(
  model: BenchModel,
  { trials, budgetMs }: ClaimsBench,
): Promise<Figure[]> {
  const file = new ProbeFile(Deno.env.get('NEXUS_BENCH_PROBES') || null, model.name);
  const stretches = file.read();
  const had = trialsOf(stretches);
  if (had < trials) {
    await using machine = await ProbedMachine.open(model);
    await machine.warm(true);
    const own: Measured[] = [];
    for (let i = 0; i < OWN; i++) own.push((await machine.probe(true)).measured);
    const { prefillRate, decodeRate } = combine(own)!;
    const claim = {
      prefill: prefillRate,
      decode: decodeRate,
      streams: 1,
      streamRate: decodeRate,
      context: 0,
    };
    const now: Stretch = { claim, probes: [] };
    stretches.push(now);
    const told = progress('probes', CHALLENGERS * (trials - had));
    const until = performance.now() + budgetMs;
    while (trialsOf(stretches) < trials && performance.now() < until) {
      const { measured } = await machine.probe(true);
      if (measured.runs > 0) now.probes.push(measured);
      told(now.probes.length);
    }
    file.write(stretches);
  }
  return figuresOf(stretches, trials);
}

function trialsOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { probes }) => sum + Math.floor(probes.length / CHALLENGERS), 0);
}

function figuresOf(stretches: readonly Stretch[], wanted: number): Figure[] {
  const one = judged(stretches, (probes) => probes.map((probe) => [probe]));
  const near = judged(stretches, consecutive), far = judged(stretches, apart);
  const alone = bound(one.honest, one.of);
  const pairs = stretches.flatMap(({ probes }) => pairsOf(probes));
  const strictly = pairs.filter((pair) => combine(pair) === null).length;
  const mended = pairs.filter((pair) => combine(pair, TOLERANCE) === null).length;
  return [
    {
      name:
        'fingerprint: honest claims contradicted by three challengers, each in its part of the time',
      measured:
        `${far.honest} of ${far.of} (below ${percent(bound(far.honest, far.of))} with 95 %); one ` +
        `right after the other ${near.honest} of ${near.of}; by one alone ${one.honest} of ` +
        `${one.of} (below ${percent(alone)}), so that of three that are independent two or more ` +
        `are below ${percent(twoOfThree(alone))}`,
      goal: `0 of >= ${wanted}`,
      met: far.honest === 0 && far.of >= wanted,
    },
    {
      name: 'fingerprint: claims of twice the decode rate contradicted, by three / by one',
      measured: `${far.twice} of ${far.of} / ${one.twice} of ${one.of}; of twice what it had ` +
        `measured of itself at its start ${far.twiceClaimed} / ${one.twiceClaimed}`,
      goal: '>= 99 %',
      met: far.twice >= 0.99 * far.of,
    },
    {
      name: 'fingerprint: two honest challengers that disagree; where intervals had to meet',
      measured: `${mended} of ${pairs.length}; ${strictly} of ${pairs.length}`,
      goal: '<= 1 %',
      met: mended <= 0.01 * pairs.length,
    },
  ];
}

interface Judged {
  of: number;
  honest: number;
  /** Twice what the machine did in all of the stretch. */
  twice: number;
  /** Twice what it had claimed: its pace in the seconds before. */
  twiceClaimed: number;
}

/** Trials of an honest claim and of claims of twice the decode rate. */
function judged(
  stretches: readonly Stretch[],
  groups: (probes: readonly Measured[]) => Measured[][],
): Judged {
  const counts = { of: 0, honest: 0, twice: 0, twiceClaimed: 0 };
  for (const { claim, probes } of stretches) {
    const isFound = (claim: ClaimedFigures, group: readonly Measured[]) =>
      contradictions(claim, combine(group, TOLERANCE)!, group, TOLERANCE).length > 0;
    const rate = median(probes.map(({ decode }) => decode.median));
    for (const group of groups(probes)) {
      counts.of++;
      if (isFound(claim, group)) counts.honest++;
      if (isFound({ ...claim, decode: 2 * rate }, group)) counts.twice++;
      if (isFound({ ...claim, decode: 2 * claim.decode }, group)) counts.twiceClaimed++;
    }
  }
  return counts;
}

/** Disjoint threes of probes that followed each other: what disturbs one is likely to disturb all. */
function consecutive(probes: readonly Measured[]): Measured[][] {
  return pick(probes, (group, i) => CHALLENGERS * group + i);
}

/** Disjoint threes of probes that lie apart, as drawn challengers' do. */
function apart(probes: readonly Measured[]): Measured[][] {
  const third = Math.floor(probes.length / CHALLENGERS);
  return pick(probes, (group, i) => group + i * third);
}

function pick(
  probes: readonly Measured[],
  at: (group: number, i: number) => number,
): Measured[][] {
  return Array.from(
    { length: Math.floor(probes.length / CHALLENGERS) },
    (_, group) => Array.from({ length: CHALLENGERS }, (_, i) => probes[at(group, i)]!),
  );
}

function pairsOf(probes: readonly Measured[]): Measured[][] {
  const half = probes.length >> 1;
  return Array.from({ length: half }, (_, i) => [probes[i]!, probes[i + half]!]);
}

/** Each bound of three is the median of theirs: it takes two of them to contradict a claim. */
function twoOfThree(p: number): number {
  return 3 * p ** 2 - 2 * p ** 3;
}

function bound(events: number, trials: number): number {
  return trials === 0 ? 1 : upperBound(events, trials);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.01 ? 2 : 1)} %`;
}
