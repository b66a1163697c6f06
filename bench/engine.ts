/** Our engine against node-llama-cpp used directly: same model, same single thread, in alternation. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { profileToJson } from '../feeds/records/mod.ts';
import { createEngine } from '../node/engine/mod.ts';
import { splitLines } from '../node/engine/lines.ts';
import { type Figure, median, spread } from './lib.ts';
import type { BenchModel } from './model.ts';

const PROMPT = { prompt: [5, 6, 7, 8, 9, 10], tokens: 1 };
const local = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Decoding, and the start of an engine process up to its first token. */
export async function engine(model: BenchModel, rounds: number): Promise<Figure[]> {
  return [await decoding(model, 2 * rounds), await coldStarts(model, rounds)];
}

async function decoding(model: BenchModel, rounds: number): Promise<Figure> {
  const { path, profile } = model;
  const engine = createEngine({
    roots: [dirname(path)],
    gpu: false,
    threads: { single: 1, batch: 1, pad: false },
  });
  const files = { weights: path, vocabulary: path };
  const { profileId } = await engine.load(profile, files, { weights: true });
  const prompt = await engine.tokenizeChat(profileId, [{ role: 'user', content: 'Tell me more.' }]);
  const bare = new Deno.Command(Deno.execPath(), {
    args: ['run', '-A', '--no-lock', local('./engine_bare.ts'), path, String(profile.contextSize)],
    stdin: 'piped',
    stdout: 'piped',
    stderr: 'null',
  }).spawn();
  const writer = bare.stdin.getWriter();
  const lines = splitLines(bare.stdout);
  await lines.next();

  const oursOnce = async (seed: number): Promise<{ tokens: number; decodeMs: number }> => {
    let tokens = 0, first = 0;
    const answer = engine.generate({
      profileId,
      prompt,
      prefix: [],
      seed: new Uint8Array(32).fill(seed),
      sampling: { tq: 717, pq: 65536, maxTokens: 200 },
      stops: [],
    });
    for await (const _ of answer) if (tokens++ === 0) first = performance.now();
    return { tokens, decodeMs: performance.now() - first };
  };
  const bareOnce = async (tokens: number): Promise<number> => {
    await writer.write(new TextEncoder().encode(JSON.stringify({ prompt, tokens }) + '\n'));
    return JSON.parse((await lines.next()).value!).decodeMs;
  };

  await oursOnce(0);
  await bareOnce(40);
  const ours: number[] = [], theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { tokens, decodeMs } = await oursOnce(1 + round);
    if (tokens < 20) continue;
    ours.push(1000 * (tokens - 1) / decodeMs);
    theirs.push(1000 * (tokens - 1) / await bareOnce(tokens));
  }
  await writer.close();
  await bare.status;
  await engine.close();
  const ratios = ours.map((rate, i) => rate / theirs[i]!);
  return {
    name: "decode: our engine / node-llama-cpp's own loop",
    measured: `${spread(ratios, 3)} (${spread(ours, 0)} / ${spread(theirs, 0)} tokens/s)`,
    goal: '>= 0.95',
    met: median(ratios) >= 0.95,
  };
}

async function coldStarts(model: BenchModel, rounds: number): Promise<Figure> {
  const ours: number[] = [], theirs: number[] = [];
  const json = JSON.stringify(profileToJson(model.profile));
  const context = String(model.profile.contextSize);
  for (let i = 0; i < rounds; i++) {
    ours.push(await untilFirstLine('./engine_cold.ts', [model.path, json]));
    theirs.push(await untilFirstLine('./engine_bare.ts', [model.path, context]));
  }
  const ratios = ours.map((time, i) => time / theirs[i]!);
  return {
    name: 'engine alone, from its start to the first token / bare node-llama-cpp',
    measured: `${spread(ratios)} (${spread(ours, 0)} / ${spread(theirs, 0)} ms)`,
    goal: '<= 1.25',
    met: median(ratios) <= 1.25,
  };
}

/** Milliseconds from the start of a program to its first line. */
async function untilFirstLine(program: string, args: string[]): Promise<number> {
  const started = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ['run', '-A', '--no-lock', local(program), ...args],
    stdin: 'piped',
    stdout: 'piped',
    stderr: 'null',
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(PROMPT) + '\n'));
  for await (const line of splitLines(child.stdout)) if (line !== 'ready') break;
  const took = performance.now() - started;
  await writer.close().catch(() => {});
  await child.status;
  return took;
}
