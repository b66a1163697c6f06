/** What the artifact costs its executor: decoding with it against without, and the wait for its root. */
import { dirname } from 'node:path';
import { RunningDigest } from '../feeds/records/mod.ts';
import { createEngine } from '../node/engine/mod.ts';
import { b1Byte } from '../node/sampler/mod.ts';
import { TopkThread } from '../node/daemon/topk.ts';
import { cpuMs, type Figure, median, spread } from './lib.ts';
import type { BenchModel } from './model.ts';

/** Tokens of an answer that is measured, at least. */
const ENOUGH = 120;
const WORDS = 'Tell me of the sea, at length.';
const OF = { jobKey: new Uint8Array(32).fill(1), job: new Uint8Array(32).fill(2), attempt: 0 };

/** In alternation on one engine: bare ids, and all that an audit needs of them. */
export async function artifact({ path, profile }: BenchModel, rounds: number): Promise<Figure[]> {
  await using engine = createEngine({
    roots: [dirname(path)],
    gpu: false,
    threads: { single: 1, batch: 1, pad: false },
  });
  const files = { weights: path, vocabulary: path };
  const { profileId } = await engine.load(profile, files, { weights: true });
  const prompt = await engine.tokenizeChat(profileId, [{ role: 'user', content: WORDS }]);
  using thread = new TopkThread();
  thread.warm();
  const once = async (seed: number, candidates: boolean) => {
    const digest = new RunningDigest(OF);
    const topk = candidates ? thread.open(OF, 0) : null;
    let tokens = 0, first = 0, firstCpu = 0;
    const request = {
      profileId,
      prompt,
      prefix: [],
      seed: new Uint8Array(32).fill(seed),
      sampling: { tq: 1024, pq: 65536, maxTokens: 400 },
      stops: [],
      candidates,
    };
    for await (const token of engine.generate(request)) {
      if (tokens++ === 0) [first, firstCpu] = [performance.now(), cpuMs(engine.pid)];
      if (token.candidates === undefined) continue;
      if (digest.push(token.id, b1Byte(token.logit))) digest.digest();
      topk!.push(token.candidates);
    }
    const end = performance.now(), decodeCpu = cpuMs(engine.pid) - firstCpu;
    await topk?.finish();
    return { tokens, decodeMs: end - first, decodeCpu, waitMs: performance.now() - end };
  };
  // The thread takes a second to load; what follows is the steady state. Short answers say little.
  const seeds: number[] = [];
  for (let seed = 0; seed < 12 * rounds && seed < 256 && seeds.length < rounds; seed++) {
    if ((await once(seed, true)).tokens >= ENOUGH) seeds.push(seed);
  }
  const ratios: number[] = [], waits: number[] = [], counts: number[] = [];
  const cpu = { whole: 0, bare: 0 };
  for (const [round, seed] of seeds.entries()) {
    const order = round % 2 === 0 ? [true, false] : [false, true];
    const runs = new Map<boolean, Awaited<ReturnType<typeof once>>>();
    for (const candidates of order) runs.set(candidates, await once(seed, candidates));
    const whole = runs.get(true)!, bare = runs.get(false)!;
    ratios.push(bare.decodeMs / whole.decodeMs);
    cpu.whole += whole.decodeCpu;
    cpu.bare += bare.decodeCpu;
    waits.push(whole.waitMs);
    counts.push(whole.tokens);
  }
  return [{
    name: `decode with artifact / without (${median(counts).toFixed(0)} tokens)`,
    measured: spread(ratios, 3),
    goal: '>= 0.99',
    met: median(ratios) >= 0.99,
  }, {
    name: 'the same by processor time, all answers together',
    measured: `${(cpu.bare / cpu.whole).toFixed(3)} (${
      (1000 * cpu.whole / sum(counts)).toFixed(0)
    } / ${(1000 * cpu.bare / sum(counts)).toFixed(0)} us a token)`,
    goal: '>= 0.99',
    met: cpu.bare / cpu.whole >= 0.99,
  }, {
    name: 'summary waits for its top-k root, ms',
    measured: spread(waits, 0),
    goal: '<= 100',
    met: median(waits) <= 100,
  }];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
