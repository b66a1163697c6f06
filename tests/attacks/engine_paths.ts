/**
 * Asks an engine process for what no peer may ever bring about, and reports its answers as one JSON
 * line. Usage: engine_paths.ts <folder that it may read> <model in it> <the same outside>
 */
import { createEngine, spawnEngine } from '../../node/engine/mod.ts';
import { profileId } from '../../feeds/records/mod.ts';
import { makeProfile } from '../../node/models/mod.ts';

const [root, inside, outside] = Deno.args as [string, string, string];
const { profile } = await makeProfile(outside);
const engine = createEngine({ roots: [root], gpu: false });
const refused = async (path: string, weights: boolean): Promise<unknown> => {
  const files = { weights: path, vocabulary: path };
  return await engine.load(profile, files, { weights }).then(() => null, (error) => error.toJSON());
};
const answers: unknown[] = [await refused(outside, true), await refused(outside, false)];
answers.push(await refused(inside, true));
await engine.unload(profileId(profile));
answers.push(await refused(outside, true));
await engine.close();

const child = spawnEngine([root]);
const ops = ['state', 'loadState', 'restore', 'read', 'import', '__proto__', 'constructor'];
const lines = ops.map((op, id) => JSON.stringify({ op, id, path: outside, file: outside }));
const stdin = child.stdin.getWriter();
await stdin.write(new TextEncoder().encode(`${lines.join('\n')}\n`));
let text = '';
for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
  text += part;
  if (text.split('\n').length > ops.length) break;
}
await stdin.close();
await child.status;
const codes = text.trim().split('\n').map((line) => JSON.parse(line).error?.code);
console.log(JSON.stringify({ answers, codes }));
