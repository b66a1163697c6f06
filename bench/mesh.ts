/**
 * The mesh against this machine alone: decoding, the first token, many at once. A node that lends
 * and a node without weights, each three processes, on loopback with a private DHT.
 */
import { dirname } from 'node:path';
import { createEngine } from '../node/engine/mod.ts';
import { type Figure, median, spread } from './lib.ts';
import type { BenchModel } from './model.ts';
import { type Node, World } from './world.ts';

const DECODE_TOKENS = 160;
/** Of the same length, and different from the start: no cached prefix but the system prompt's. */
const prompt = (n: number) => `Question ${1000 + n}: tell me at length about rivers and the sea.`;

/** Decoding and first token through the mesh. */
export async function mesh(model: BenchModel, rounds: number): Promise<Figure[]> {
  await using world = await World.open(model);
  const lender = await world.executor();
  const asker = await world.requester();
  const local = (n: number, maxTokens: number, seed = n) =>
    lender.ask({
      prompt: prompt(n),
      maxTokens,
      seed: hex(seed),
      where: 'local',
      model: model.name,
    });
  const remote = (n: number, maxTokens: number, seed = n) =>
    asker.ask({ prompt: prompt(n), maxTokens, seed: hex(seed), where: 'mesh', model: model.name });
  await using engine = createEngine({ roots: [dirname(model.path)], gpu: false, threads: 1 });
  const files = { weights: model.path, vocabulary: model.path };
  const { profileId } = await engine.load(model.profile, files, { weights: true });
  const direct = async (n: number, maxTokens: number): Promise<number> => {
    const content = prompt(n);
    const ids = await engine.tokenizeChat(profileId, [{ role: 'user', content }]);
    let count = 0, first = 0;
    const answer = engine.generate({
      profileId,
      prompt: ids,
      prefix: [],
      seed: new Uint8Array(32).fill(n),
      sampling: { tq: 717, pq: 65536, maxTokens },
      stops: [],
    });
    for await (const _ of answer) if (count++ === 0) first = performance.now();
    return 1000 * (count - 1) / (performance.now() - first);
  };

  await Promise.all([local(0, 8), remote(0, 8), direct(0, 8)]);
  const decode: Record<'direct' | 'local' | 'remote', number[]> = {
    direct: [],
    local: [],
    remote: [],
  };
  for (let n = 1; n <= rounds; n++) {
    const here = await local(n, DECODE_TOKENS);
    if (here.ids.length < 40) continue;
    decode.local.push(here.rate);
    decode.remote.push((await remote(n, DECODE_TOKENS)).rate);
    decode.direct.push(await direct(n, here.ids.length));
  }
  const toDirect = decode.remote.map((rate, i) => rate / decode.direct[i]!);
  const toLocal = decode.remote.map((rate, i) => rate / decode.local[i]!);

  const near: number[] = [], far: number[] = [];
  for (let n = 1; n <= 2 * rounds; n++) {
    near.push((await local(100 + 2 * n, 2)).firstMs);
    far.push((await remote(101 + 2 * n, 2)).firstMs);
  }
  const added = far.map((ms, i) => ms - near[i]!);
  return [
    {
      name: 'decode through the mesh / local engine',
      measured:
        `${spread(toDirect, 3)} (${spread(decode.remote, 0)} tokens/s; against a local run ` +
        `of the node ${spread(toLocal, 3)})`,
      goal: '>= 0.97',
      met: median(toDirect) >= 0.97,
    },
    {
      name: 'first token, remote - local, warm',
      measured: `${spread(added, 0)} ms (remote ${spread(far, 0)}, local ${spread(near, 0)})`,
      goal: '<= 15 ms',
      met: median(added) <= 15,
    },
  ];
}

/** Sixteen jobs at once against sixteen in sequence. */
export async function batch(model: BenchModel, rounds: number): Promise<Figure[]> {
  await using world = await World.open(model);
  const lender = await world.executor();
  const job = (n: number) =>
    lender.ask({
      prompt: prompt(n),
      maxTokens: 48,
      seed: hex(n),
      where: 'local',
      model: model.name,
    });
  await job(0);
  const ratios: number[] = [], at1: number[] = [], at16: number[] = [];
  for (let round = 0; round < Math.max(2, rounds >> 1); round++) {
    // Fresh prompts for both, of equal length and seeds of equal answers.
    const jobs = (from: number) => Array.from({ length: 16 }, (_, i) => from + i);
    const first = 1000 * (round + 1), second = first + 100;
    const sequence = await timed(lender, async () => {
      let tokens = 0;
      for (const n of jobs(first)) tokens += (await job(n)).ids.length;
      return tokens;
    });
    const together = await timed(lender, async () => {
      const answers = await Promise.all(jobs(second).map(job));
      return answers.reduce((sum, { ids }) => sum + ids.length, 0);
    });
    at1.push(sequence);
    at16.push(together);
    ratios.push(together / sequence);
  }
  const { quantisation } = model.profile;
  const goal = quantisation.startsWith('Q4_1') ? 0.95 : 1.3;
  return [{
    name: `16 jobs at once / in sequence, ${model.name} ${quantisation}`,
    measured: `${spread(ratios)} (${spread(at16, 0)} / ${spread(at1, 0)} tokens/s)`,
    goal: `>= ${goal}`,
    met: median(ratios) >= goal,
  }];
}

async function timed(_node: Node, work: () => Promise<number>): Promise<number> {
  const start = performance.now();
  return 1000 * await work() / (performance.now() - start);
}

/** A 32-byte nonce of a number. */
export function hex(n: number): string {
  return n.toString(16).padStart(64, '0');
}
