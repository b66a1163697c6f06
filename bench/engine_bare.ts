/**
 * The measure for our engine: node-llama-cpp used directly, in a process of its own.
 * Usage: engine_bare.ts <model> <context size> [once]. Reads one JSON line a run,
 * `{ prompt, tokens }`; answers with `{ firstMs, decodeMs }` a line. Prints `ready` once the model is
 * loaded; with `once` it takes whatever GPU there is, as the program does, prints the answer's line
 * alone and ends.
 */
import { getLlama, LlamaLogLevel, type Token } from 'node-llama-cpp';
import { splitLines } from '../node/engine/lines.ts';

const [modelPath, contextSize, mode] = Deno.args as [string, string, string | undefined];
const once = mode === 'once';
const llama = await getLlama({
  gpu: once ? 'auto' : false,
  build: 'never',
  skipDownload: true,
  progressLogs: false,
  logLevel: LlamaLogLevel.error,
});
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({
  contextSize: Number(contextSize),
  flashAttention: true,
  threads: 1,
});
const sequence = context.getSequence();
if (!once) console.log('ready');

for await (const line of splitLines(Deno.stdin.readable)) {
  const { prompt, tokens } = JSON.parse(line) as { prompt: Token[]; tokens: number };
  await sequence.clearHistory();
  const started = performance.now();
  const options = { temperature: 0.7, topK: 32, topP: 1, seed: 1, yieldEogToken: true };
  let count = 0, first = 0;
  for await (const _ of sequence.evaluate(prompt, options)) {
    if (count++ === 0) first = performance.now();
    if (count === tokens) break;
  }
  const end = performance.now();
  console.log(JSON.stringify({ firstMs: first - started, decodeMs: end - first }));
  if (once) Deno.exit(0);
}
