/**
 * The gateway against `nexus run` on the same node: first token, decoding, many streams at once. Both
 * ways are asked in turn, one after the other, for the same answers.
 */
import { type Figure, median, spread } from './lib.ts';
import { hex } from './mesh.ts';
import type { BenchModel } from './model.ts';
import { type Node, World } from './world.ts';

const DECODE_TOKENS = 160;
const STREAMS = 200;

/** Of the same length, and different from the start. */
const prompt = (n: number) => `Question ${1000 + n}: tell me at length about rivers and the sea.`;

/** One answer over HTTP as its reader saw it. */
interface Read {
  /** Milliseconds from the request to the first text. */
  firstMs: number;
  /** From there to the end of the stream. */
  restMs: number;
  tokens: number;
  /** True if the stream had an end. */
  whole: boolean;
}

/** @param rounds answers of each kind */
export async function gateway(model: BenchModel, rounds: number): Promise<Figure[]> {
  await using world = await World.open(model);
  const node = await world.executor(undefined, ['--http', '127.0.0.1:0']);
  const ask = (n: number, tokens: number) =>
    node.ask({
      prompt: prompt(n),
      maxTokens: tokens,
      seed: hex(n),
      where: 'local',
      model: model.name,
    });
  const read = (n: number, tokens: number) => readAnswer(node, model, n, tokens);
  for (let n = 0; n < 3; n++) await Promise.all([ask(n, 8), read(n, 8)]);

  const run: number[] = [], http: number[] = [];
  for (let n = 1; n <= 4 * rounds; n++) {
    const pair = [
      async () => run.push((await ask(100 + 2 * n, 2)).firstMs),
      async () => http.push((await read(101 + 2 * n, 2)).firstMs),
    ];
    for (const one of n % 2 ? pair : pair.reverse()) await one();
  }
  const added = median(http) - median(run);

  // Several tokens may come in one piece: what compares is the time that the same answer takes.
  const ratios: number[] = [];
  for (let n = 1; n <= 2 * rounds; n++) {
    const seed = 1000 + n;
    let here = 0, there = 0, tokens = 0;
    const pair = [
      async () => {
        const { totalMs, firstMs } = await ask(seed, DECODE_TOKENS);
        here = totalMs - firstMs;
      },
      async () => {
        const answer = await read(seed, DECODE_TOKENS);
        [there, tokens] = [answer.restMs, answer.tokens];
      },
    ];
    for (const one of n % 2 ? pair : pair.reverse()) await one();
    if (tokens >= 40) ratios.push(here / there);
  }

  const many = await Promise.all(
    Array.from({ length: STREAMS }, (_, n) => read(5000 + n, 16).catch(() => null)),
  );
  const whole = many.filter((answer) => answer?.whole).length;
  return [
    {
      name: 'first token, gateway - `nexus run`, same node',
      measured: `${added.toFixed(1)} ms (gateway ${spread(http, 0)}, run ${spread(run, 0)})`,
      goal: '<= 5 ms',
      met: added <= 5,
    },
    {
      name: 'decode, gateway / `nexus run`, same node',
      measured: spread(ratios, 3),
      goal: '>= 0.98',
      met: median(ratios) >= 0.98,
    },
    {
      name: `${STREAMS} streams at once`,
      measured: `${whole} came to their end`,
      goal: `${STREAMS}`,
      met: whole === STREAMS,
    },
  ];
}

async function readAnswer(
  { http }: Node,
  model: BenchModel,
  n: number,
  tokens: number,
): Promise<Read> {
  const start = performance.now();
  const response = await fetch(`${http}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: model.name,
      messages: [{ role: 'user', content: prompt(n) }],
      max_tokens: tokens,
      seed: n,
      stream: true,
      stream_options: { include_usage: true },
    }),
  });
  let first = 0, text = '';
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (first === 0 && text.includes('"delta":{"content":')) first = performance.now();
  }
  const end = performance.now();
  return {
    firstMs: first - start,
    restMs: end - first,
    tokens: Number(/"completion_tokens":(\d+)/.exec(text)?.[1] ?? 0),
    whole: text.endsWith('data: [DONE]\n\n'),
  };
}
