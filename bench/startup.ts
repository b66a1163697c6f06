/** `nexus run` from the start of its launcher to the first byte of the answer. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngine } from '../node/engine/mod.ts';
import { type Figure, median, spread } from './lib.ts';
import type { BenchModel } from './model.ts';
import { LAUNCHER, World } from './world.ts';

const BARE = fileURLToPath(new URL('./engine_bare.ts', import.meta.url));

export async function startup(model: BenchModel, rounds: number): Promise<Figure[]> {
  await using world = await World.open(model);
  return [await cold(world, model, rounds), await warm(world, model, rounds)];
}

async function cold(world: World, model: BenchModel, rounds: number): Promise<Figure> {
  const home = await world.home(true);
  const prompt = 'Why is the sky blue?';
  await using engine = createEngine({ roots: [dirname(model.path)], gpu: false, threads: 1 });
  const files = { weights: model.path, vocabulary: model.path };
  const { profileId } = await engine.load(model.profile, files, { weights: false });
  const ids = await engine.tokenizeChat(profileId, [{ role: 'user', content: prompt }]);
  await engine.close();

  const ours: number[] = [], theirs: number[] = [], ends: number[] = [];
  const nexus = () => untilFirstByte('node', nexusArgs(model, prompt), world.envOf(home));
  const bare = () =>
    untilFirstByte(
      Deno.execPath(),
      ['run', '-A', '--no-lock', BARE, model.path, String(model.profile.contextSize), 'once'],
      world.env,
      `${JSON.stringify({ prompt: ids, tokens: 1 })}\n`,
    );
  await nexus();
  await bare();
  for (let i = 0; i < rounds; i++) {
    const run = await nexus();
    ours.push(run.firstMs);
    ends.push(run.endMs - run.lastMs);
    theirs.push((await bare()).firstMs);
  }
  const ratios = ours.map((ms, i) => ms / theirs[i]!);
  return {
    name: '`nexus run`, no node: first token / bare node-llama-cpp',
    measured:
      `${spread(ratios)} (${spread(ours, 0)} / ${spread(theirs, 0)} ms; last byte to exit ` +
      `${spread(ends, 0)} ms)`,
    goal: '<= 1.25',
    met: median(ratios) <= 1.25,
  };
}

async function warm(world: World, model: BenchModel, rounds: number): Promise<Figure> {
  const node = await world.executor();
  await using engine = createEngine({ roots: [dirname(model.path)], gpu: false, threads: 1 });
  const files = { weights: model.path, vocabulary: model.path };
  const { profileId } = await engine.load(model.profile, files, { weights: true });
  const own = async (content: string): Promise<number> => {
    const start = performance.now();
    const prompt = await engine.tokenizeChat(profileId, [{ role: 'user', content }]);
    const answer = engine.generate({
      profileId,
      prompt,
      prefix: [],
      seed: new Uint8Array(32),
      sampling: { tq: 717, pq: 65536, maxTokens: 1 },
      stops: [],
    });
    for await (const _ of answer) break;
    return performance.now() - start;
  };
  const attached: number[] = [], alone: number[] = [], ends: number[] = [];
  for (let i = -1; i < rounds; i++) {
    const prompt = `Question ${1000 + i}: why is the sky blue?`;
    const run = await untilFirstByte('node', nexusArgs(model, prompt), world.envOf(node.home));
    const engineMs = await own(prompt);
    if (i < 0) continue;
    attached.push(run.firstMs);
    ends.push(run.endMs - run.lastMs);
    alone.push(engineMs);
  }
  const added = attached.map((ms, i) => ms - alone[i]!);
  return {
    name: "`nexus run`, warm node: first token - the engine's own",
    measured:
      `+${spread(added, 0)} ms (${spread(attached, 0)} / ${spread(alone, 0)}; last byte to ` +
      `exit ${spread(ends, 0)})`,
    goal: '<= +350 ms',
    met: median(added) <= 350,
  };
}

function nexusArgs(model: BenchModel, prompt: string): string[] {
  return [LAUNCHER, 'run', '-m', model.name, '-n', '8', '-t', '0', '--where', 'local', prompt];
}

/** Milliseconds from the start of a program to the first and last byte of stdout, and to its end. */
async function untilFirstByte(
  program: string,
  args: string[],
  env: Record<string, string>,
  stdin = '',
): Promise<{ firstMs: number; lastMs: number; endMs: number }> {
  const start = performance.now();
  const child = new Deno.Command(program, {
    args,
    env,
    stdin: 'piped',
    stdout: 'piped',
    stderr: 'null',
  }).spawn();
  const writer = child.stdin.getWriter();
  if (stdin !== '') await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  let firstMs = NaN, lastMs = NaN;
  for await (const _ of child.stdout) {
    lastMs = performance.now() - start;
    if (Number.isNaN(firstMs)) firstMs = lastMs;
  }
  const { success } = await child.status;
  if (!success || Number.isNaN(firstMs)) throw new Error(`${program} ${args.join(' ')} failed`);
  return { firstMs, lastMs, endMs: performance.now() - start };
}
