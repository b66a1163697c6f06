import t from 'tap';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDeno } from '../lib/deno.ts';
import { ROOT } from '../lib/docs.ts';

t.test('an engine reads no file outside its folders, and knows no way to load a state', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const root = join(folder, 'models'), inside = join(root, 'own.gguf');
  const outside = join(folder, 'peer.gguf');
  mkdirSync(root);
  for (const path of [inside, outside]) {
    copyFileSync(`${ROOT}models/austen-3.7m-q8_0.gguf`, path);
  }
  const args = [root, inside, outside];
  const { code, stdout, stderr } = await runDeno('tests/attacks/engine_paths.ts', args);
  t.equal(code, 0, stderr);
  const { answers, codes } = JSON.parse(stdout);
  const closed = { code: 'MODEL_NOT_FOUND' };
  t.match(answers, [closed, closed, null, closed]);
  t.same(codes, new Array(7).fill('BAD_REQUEST'));
});
