/**
 * Decoding beside a background that makes proofs of sampling all the time, as a node's does: a process
 * of the lowest priority that pauses as long as it works. In alternation with the same node alone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { circuitKeys } from '../circuits/mod.ts';
import { BackgroundProver, ProverProcess } from '../node/prover/mod.ts';
import { type Figure, median, spread } from './lib.ts';
import type { BenchModel } from './model.ts';
import { keptAnswers } from './proving_store.ts';
import { World } from './world.ts';

const TOKENS = 160;
const NETWORK = new Uint8Array(32).fill(9);
const prompt = (n: number) => `Question ${1000 + n}: tell me at length about rivers and the sea.`;

export async function proving(model: BenchModel, rounds: number): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-proving-'));
  await using world = await World.open(model);
  const lender = await world.executor();
  const decode = async (n: number) => {
    const seed = n.toString(16).padStart(64, '0');
    return (await lender.ask({
      prompt: prompt(n),
      maxTokens: TOKENS,
      seed,
      where: 'local',
      model: model.name,
    })).rate;
  };
  try {
    await using prover = new ProverProcess();
    const busy = await background(folder, prover, 2 * rounds + 2);
    await decode(0);
    await busy.start();
    busy.stop();
    const alone: number[] = [], beside: number[] = [];
    for (let n = 1; n <= rounds; n++) {
      const first = n % 2 === 0;
      if (first) alone.push(await decode(n));
      await busy.start();
      beside.push(await decode(n));
      busy.stop();
      if (!first) alone.push(await decode(n));
    }
    const ratios = beside.map((rate, i) => rate / alone[i]!);
    return [{
      name: 'decode beside proofs in the background / alone',
      measured:
        `${spread(ratios, 3)} (${spread(beside, 0)} against ${spread(alone, 0)} tokens/s; ` +
        `${busy.made()} proofs, ${spread(busy.ms(), 0)} ms each)`,
      goal: '>= 0.95 with a free core',
      met: median(ratios) >= 0.95,
    }];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A node's queue over answers that were never given, none of which it makes twice. */
async function background(folder: string, prover: ProverProcess, count: number) {
  const key = (await circuitKeys()).find(({ statement }) => statement === 'sample')!.hash;
  const { store, owed } = await keptAnswers(folder, NETWORK, Math.min(count, 99));
  const ms: number[] = [];
  let stopping = new AbortController();
  return {
    /** Resolves when a proof is being made. */
    async start() {
      stopping = new AbortController();
      const working = Promise.withResolvers<void>();
      const queue = new BackgroundProver({
        network: NETWORK,
        key,
        prover: {
          prove: (...args) => {
            const made = prover.prove(...args);
            working.resolve();
            return made;
          },
        },
        store,
        append: () => Promise.resolve(),
        onDone: ({ ms: took }) => void (took !== null && ms.push(took)),
        now: Date.now,
        clock: () => performance.now(),
        signal: stopping.signal,
      });
      queue.owe(owed);
      await working.promise;
    },
    stop: () => stopping.abort(new Error('stopped')),
    made: () => ms.length,
    ms: () => ms,
  };
}
