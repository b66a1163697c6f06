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
/** Each side of a round decodes for so long: two or three proofs. */
const SIDE_MS = 8000;
const NETWORK = new Uint8Array(32).fill(9);
const prompt = (n: number) => `Question ${1000 + n}: tell me at length about rivers and the sea.`;

export async function proving(model: BenchModel, rounds: number): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-proving-'));
  await using world = await World.open(model);
  const lender = await world.executor();
  /** Tokens a second: the median of the answers that one side of a round gives. */
  const decode = async (round: number) => {
    const rates: number[] = [], until = performance.now() + SIDE_MS;
    for (let n = 100 * round; performance.now() < until; n++) {
      const seed = n.toString(16).padStart(64, '0');
      const ask = { prompt: prompt(n), maxTokens: TOKENS, seed };
      const { rate, ids } = await lender.ask({ ...ask, where: 'local', model: model.name });
      if (ids.length >= 40) rates.push(rate);
    }
    return median(rates);
  };
  try {
    await using prover = new ProverProcess(null);
    const busy = await background(folder, prover);
    await decode(0);
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

/** Proofs that one side of a round can make, at most. */
const OWED = 50;

/** A node's queue over answers that were never given. */
async function background(folder: string, prover: ProverProcess) {
  const key = (await circuitKeys()).find(({ statement }) => statement === 'sample')!.hash;
  const { store, owed } = await keptAnswers(folder, NETWORK, OWED);
  const ms: number[] = [];
  let stopping = new AbortController();
  return {
    /** Resolves when the second proof is begun: the process is warm. */
    async start() {
      stopping = new AbortController();
      const working = Promise.withResolvers<void>();
      let begun = 0;
      const queue = new BackgroundProver({
        network: NETWORK,
        key,
        prover: {
          prove: (...args) => {
            const made = prover.prove(...args);
            if (++begun === 2) working.resolve();
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
