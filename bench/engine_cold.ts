/**
 * One cold start of our engine, up to the first token. Usage: engine_cold.ts <model> <profile JSON>
 */
import { dirname } from 'node:path';
import { profileFromJson } from '../feeds/records/mod.ts';
import { createEngine } from '../node/engine/mod.ts';

const [model, profile] = Deno.args as [string, string];
const engine = createEngine({ roots: [dirname(model)], gpu: false });
const files = { weights: model, vocabulary: model };
const { profileId } = await engine.load(profileFromJson(JSON.parse(profile)), files, {
  weights: true,
});
const prompt = await engine.tokenizeChat(profileId, [{ role: 'user', content: 'Hello' }]);
const answer = engine.generate({
  profileId,
  prompt,
  prefix: [],
  seed: new Uint8Array(32),
  sampling: { tq: 717, pq: 65536, maxTokens: 4 },
  stops: [],
});
await answer.next();
console.log('first token');
Deno.exit(0);
