/**
 * Our engine against node-llama-cpp used directly: same model, same single thread, in alternation.
 * Usage: deno run -A bench/engine.ts [model.gguf]
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { profileToJson } from '../feeds/records/mod.ts';
import { createEngine } from '../node/engine/mod.ts';
import { splitLines } from '../node/engine/lines.ts';
import { makeProfile } from '../node/models/mod.ts';

const ROUNDS = 5;
const ANSWERS = 3;
const COLD_STARTS = 5;

const local = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const model = Deno.args[0] ?? local('../models/austen-3.7m-q8_0.gguf');
const { profile } = await makeProfile(model);

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

function summary(values: number[], digits: number): string {
  const spread = `${Math.min(...values).toFixed(digits)}-${Math.max(...values).toFixed(digits)}`;
  return `${median(values).toFixed(digits)} (${spread})`;
}

/** Milliseconds from the start of a program to its first line. */
async function untilFirstLine(program: string, args: string[]): Promise<number> {
  const started = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ['run', '-A', local(program), ...args],
    stdin: 'piped',
    stdout: 'piped',
    stderr: 'null',
  }).spawn();
  const writer = child.stdin.getWriter();
  const prompt = JSON.stringify({ prompt: [5, 6, 7, 8, 9, 10], tokens: 1 });
  await writer.write(new TextEncoder().encode(prompt + '\n'));
  for await (const line of splitLines(child.stdout)) if (line !== 'ready') break;
  const took = performance.now() - started;
  await writer.close().catch(() => {});
  await child.status;
  return took;
}

async function decoding(): Promise<void> {
  const engine = createEngine({
    roots: [dirname(model)],
    gpu: false,
    threads: { single: 1, batch: 1, pad: false },
  });
  const files = { weights: model, vocabulary: model };
  const { profileId } = await engine.load(profile, files, { weights: true });
  const prompt = await engine.tokenizeChat(profileId, [{ role: 'user', content: 'Tell me more.' }]);
  const bare = new Deno.Command(Deno.execPath(), {
    args: ['run', '-A', local('./engine_bare.ts'), model, String(profile.contextSize)],
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
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < ANSWERS; i++) {
      const { tokens, decodeMs } = await oursOnce(1 + round * ANSWERS + i);
      if (tokens < 20) continue;
      ours.push(1000 * (tokens - 1) / decodeMs);
      theirs.push(1000 * (tokens - 1) / await bareOnce(tokens));
    }
  }
  const ratios = ours.map((rate, i) => rate / theirs[i]!);
  console.log(`decode, tokens/s: ours ${summary(ours, 1)}, bare ${summary(theirs, 1)}`);
  console.log(`decode, ours / bare: ${summary(ratios, 3)}   goal >= 0.95`);
  await writer.close();
  await bare.status;
  await engine.close();
}

async function coldStarts(): Promise<void> {
  const ours: number[] = [], theirs: number[] = [];
  const json = JSON.stringify(profileToJson(profile));
  for (let i = 0; i < COLD_STARTS; i++) {
    ours.push(await untilFirstLine('./engine_cold.ts', [model, json]));
    theirs.push(await untilFirstLine('./engine_bare.ts', [model, String(profile.contextSize)]));
  }
  const ratios = ours.map((time, i) => time / theirs[i]!);
  console.log(
    `cold start to first token, ms: ours ${summary(ours, 0)}, bare ${summary(theirs, 0)}`,
  );
  console.log(`cold start, ours / bare: ${summary(ratios, 2)}   goal <= 1.25`);
}

console.log(`engine: ${model.replace(/^.*\//, '')}, ${profile.quantisation}, 1 thread`);
await decoding();
await coldStarts();
