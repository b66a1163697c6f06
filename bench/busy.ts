/** Reading a prompt with all threads, on a machine that other programs keep busy, and on one that is idle. */
import { dirname } from 'node:path';
import { createEngine } from '../node/engine/mod.ts';
import { type Figure, median, spread } from './lib.ts';
import type { BenchModel } from './model.ts';

const CORES = navigator.hardwareConcurrency;
/** What a program does that keeps a processor busy, at a lower priority as background work has. */
const BURN = 'const a = new Float64Array(1 << 20); for (let i = 0;; i++) a[i % a.length] += i ^ 7;';
const ONE = { single: 1, batch: 1, pad: false }, ALL = { single: 1, batch: CORES, pad: false };
/** Words of a prompt, and prompts until an engine has found out how things are. */
const WORDS = 300, WARM = 6;

/** In alternation: an engine with one thread, and one that may take all of them for batches. */
export async function busy({ path, profile }: BenchModel, rounds: number): Promise<Figure[]> {
  const engines: { engine: ReturnType<typeof createEngine>; profileId: Uint8Array }[] = [];
  for (const threads of [ONE, ALL]) {
    const engine = createEngine({ roots: [dirname(path)], gpu: false, threads });
    const files = { weights: path, vocabulary: path };
    const { profileId } = await engine.load(profile, files, { weights: true });
    engines.push({ engine, profileId });
  }
  let prompts = 0;
  const first = async ({ engine, profileId }: (typeof engines)[number]) => {
    const start = prompts++ * 7919;
    const text = Array.from({ length: WORDS }, (_, i) => LIST[(start + i * 31 + (i >> 3)) % 7]!);
    const content = `${prompts} ${text.join(' ')}`;
    const prompt = await engine.tokenizeChat(profileId, [{ role: 'user', content }]);
    const request = {
      profileId,
      prompt,
      prefix: [],
      seed: new Uint8Array(32),
      sampling: { tq: 0, pq: 65_536, maxTokens: 1 },
      stops: [],
    };
    const from = performance.now();
    for await (const _ of engine.generate(request)) break;
    return prompt.length / (performance.now() - from) * 1000;
  };
  const compare = async () => {
    for (let i = 0; i < WARM; i++) for (const one of engines) await first(one);
    const ratios: number[] = [], rates: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const [one, all] = [await first(engines[0]!), await first(engines[1]!)];
      ratios.push(all / one);
      rates.push(all);
    }
    return { ratio: median(ratios), measured: `${spread(ratios)} (${spread(rates, 0)} tokens/s)` };
  };
  const idle = await compare();
  const others = Array.from(
    { length: CORES },
    () => new Deno.Command('nice', { args: ['-n', '10', Deno.execPath(), 'eval', BURN] }).spawn(),
  );
  try {
    const held = await compare();
    return [
      {
        name: 'reading a prompt, all threads / one, idle',
        measured: idle.measured,
        goal: '>= 1',
        met: idle.ratio >= 1,
      },
      {
        name: `the same beside ${CORES} programs of low priority that never rest`,
        measured: held.measured,
        goal: '>= 0.8',
        met: held.ratio >= 0.8,
      },
    ];
  } finally {
    for (const other of others) other.kill('SIGKILL');
    for (const { engine } of engines) await engine[Symbol.asyncDispose]();
  }
}

const LIST = ['lady', 'garden', 'house', 'morning', 'friend', 'ball', 'letter'];
