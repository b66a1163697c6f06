/** An executor is killed in mid-answer: how long the reader of the answer waits. */
import { type Figure, quantile, spread } from './lib.ts';
import { hex } from './mesh.ts';
import type { BenchModel } from './model.ts';
import { type Node, World } from './world.ts';

/** Output tokens that are there when the executor dies. */
const PREFIX = 200;
const PROMPT = 'Write a long story about a lighthouse keeper and the sea.';

export async function failover(model: BenchModel, kills: number): Promise<Figure[]> {
  await using world = await World.open(model);
  // As each node measures them at its first start: what its user has.
  delete world.env.NEXUS_THREADS;
  const asker = await world.requester();
  let nodes = [await world.executor(), await world.executor()];
  const request = {
    prompt: PROMPT,
    maxTokens: PREFIX + 60,
    where: 'mesh',
    model: model.name,
    temperature: 1,
  };
  const seed = await longAnswer(asker, request);
  const undisturbed = await asker.ask({ ...request, seed });
  const gaps: number[] = [];
  let whole = 0;
  for (let i = 0; i < kills; i++) {
    const victim = nodes[i % 2]!;
    const { gapMs, text } = await interrupted(asker, victim, { ...request, seed });
    gaps.push(gapMs);
    if (text === undisturbed.text) whole++;
    nodes = nodes.with(i % 2, await world.executor(victim.home));
    // The next one is to find both.
    await asker.ask({ ...request, maxTokens: 2, executor: nodes[i % 2]!.key });
  }
  const p95 = quantile(gaps, 0.95);
  return [{
    name: `failover, ${PREFIX}-token prefix: last token to next`,
    measured:
      `${spread(gaps, 0)} ms, p95 ${p95.toFixed(0)} (${kills} kills; ${whole} answers equal ` +
      'to the undisturbed one)',
    goal: '<= 1.5 s median, <= 3 s p95, nothing lost or repeated',
    met: quantile(gaps, 0.5) <= 1500 && p95 <= 3000 && whole === kills,
  }];
}

type Request = { prompt: string; maxTokens: number } & Record<string, unknown>;

/** A seed whose answer does not end before its limit. */
async function longAnswer(asker: Node, request: Request): Promise<string> {
  for (let n = 1; n < 20; n++) {
    const { ids } = await asker.ask({ ...request, seed: hex(n) });
    if (ids.length === request.maxTokens) return hex(n);
  }
  throw new Error('no seed gives a long answer');
}

async function interrupted(
  asker: Node,
  victim: Node,
  request: Request,
): Promise<{ gapMs: number; text: string }> {
  let count = 0, last = 0, gapMs = 0, lost = false, text = '';
  let dead: Promise<void> | null = null;
  for await (const event of asker.run({ ...request, executor: victim.key })) {
    if (event.event === 'route' && dead === null && event.executor !== victim.key) {
      throw new Error('another executor was asked');
    }
    if (event.event === 'failover') lost = true;
    if (event.event === 'done') text = event.text;
    if (event.event !== 'token' || event.ids.length === 0) continue;
    const now = performance.now();
    if (event.position !== count) throw new Error(`position ${event.position} after ${count}`);
    count += event.ids.length;
    if (lost && gapMs === 0) gapMs = now - last;
    last = now;
    if (count >= PREFIX && dead === null) dead = victim.kill();
  }
  await dead;
  if (!lost) throw new Error('the executor was killed and nothing was lost');
  return { gapMs, text };
}
