import { cubeFor } from '../fingerprint/raw/mod.ts';
import {
  decideSharing,
  SHARING_BLOCKS,
  type SharingBlock,
  sharingSchedule,
} from '../fingerprint/sharing/mod.ts';
import type { Probe } from '../fingerprint/probe/mod.ts';
import {
  agreed,
  nonce,
  printTable,
  rawRun,
  rawTimed,
  startProbe,
  upperBound,
} from './fingerprint_lib.ts';
import { type Figure, spread } from './lib.ts';

/** Small enough for a block to take a sixth of a second on two cores. */
const SHAPE = cubeFor(2 ** 25);

/** Linux shares processors among sessions first: two nodes are two sessions. */
const ALONE = { wrapper: Deno.build.os === 'linux' ? ['setsid'] : [] };

/** Two probes that share processors, or do not: how often they are told. */
export async function fingerprintSharing(trials = 30): Promise<Figure[]> {
  const cores = navigator.hardwareConcurrency;
  const rows = [['two probes', 'shared', 'separate', 'inconclusive', 'slow-down', 'seconds']];
  const figures: Figure[] = [];
  const scenarios: Scenario[] = [
    { name: 'all threads of one machine', isShared: true, a: ALONE, b: ALONE },
  ];
  if (Deno.build.os === 'linux' && cores >= 2) {
    const pin = (core: number) => ({
      threads: 1,
      wrapper: [...ALONE.wrapper, 'taskset', '-c', String(core)],
    });
    scenarios.push(
      { name: 'pinned to one core', isShared: true, a: pin(0), b: pin(0) },
      {
        name: 'pinned to a core each (stand-in for two machines)',
        isShared: false,
        a: pin(0),
        b: pin(1),
      },
    );
  }
  for (const { name, isShared, a, b } of scenarios) {
    await using probeA = await startProbe({ ...a, normalPriority: true });
    await using probeB = await startProbe({ ...b, normalPriority: true });
    const counts = { shared: 0, separate: 0, inconclusive: 0 };
    const slowdowns: number[] = [], seconds: number[] = [];
    await Promise.all([rawRun(probeA, SHAPE), rawRun(probeB, SHAPE)]);
    for (let trial = 0; trial < trials; trial++) {
      const start = performance.now();
      const decision = decideSharing(await blocksOf(probeA, probeB));
      counts[decision.verdict]++;
      slowdowns.push(decision.slowdown.a, decision.slowdown.b);
      seconds.push((performance.now() - start) / 1000);
    }
    const { shared, separate, inconclusive } = counts;
    rows.push([
      name,
      ...[shared, separate, inconclusive].map(String),
      spread(slowdowns),
      spread(seconds, 1),
    ]);
    figures.push(
      isShared
        ? {
          name: `sharing: ${name}: exposed`,
          measured: `${shared} of ${trials} trials`,
          goal: '>= 95 %',
          met: shared >= 0.95 * trials,
        }
        : {
          name: `sharing: ${name}: accused`,
          measured: `${shared} of ${trials} trials (95 %: below ${
            (100 * upperBound(shared, trials)).toFixed(1)
          } %)`,
          goal: '0',
          met: shared === 0,
        },
    );
  }
  printTable(`Simultaneous challenges, ${SHARING_BLOCKS} blocks a trial`, rows);
  return figures;
}

type TimedEnd = Awaited<ReturnType<typeof rawTimed>>;

interface Scenario {
  name: string;
  isShared: boolean;
  a: Parameters<typeof startProbe>[0];
  b: Parameters<typeof startProbe>[0];
}

async function blocksOf(a: Probe, b: Probe): Promise<SharingBlock[]> {
  const blocks: SharingBlock[] = [];
  for (const steps of sharingSchedule(nonce(), SHARING_BLOCKS)) {
    const block = { aloneA: NaN, aloneB: NaN, togetherA: NaN, togetherB: NaN, overlap: 0 };
    for (const step of steps) {
      if (step === 'a') block.aloneA = (await rawRun(a, SHAPE, 'cpu', 4)).ms;
      else if (step === 'b') block.aloneB = (await rawRun(b, SHAPE, 'cpu', 4)).ms;
      else {
        const [x, y] = await agreed(async () => {
          const [endA, endB] = await Promise.all(
            [a, b].map((probe) => rawTimed(probe, SHAPE, 'cpu', 4)),
          ) as [TimedEnd, TimedEnd];
          return [await endA(), await endB()] as const;
        });
        const both = Math.min(x.to, y.to) - Math.max(x.from, y.from);
        block.togetherA = x.ms;
        block.togetherB = y.ms;
        block.overlap = both / Math.min(x.to - x.from, y.to - y.from);
      }
    }
    blocks.push(block);
  }
  return blocks;
}
