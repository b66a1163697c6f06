import t from 'tap';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { blocksOf, ROOT } from '../lib/docs.ts';
import { DENO } from '../lib/deno.ts';
import { Bench } from '../lib/nexus.ts';

/** Where the docstrings of what `mod.ts` exports stand. */
const FILES: Record<string, string> = {
  createNode: 'node/api/node.ts',
  run: 'node/api/run.ts',
  replay: 'node/api/replay.ts',
  replayLedger: 'node/api/replay_ledger.ts',
  verifyReceipt: 'node/api/verify_receipt.ts',
  verifyEvidence: 'node/evidence/verify.ts',
  NexusError: 'feeds/base/errors.ts',
};

function deno(args: string[], env: Record<string, string> = {}) {
  const config = ['--config', `${ROOT}deno.json`, '--quiet', '--no-lock'];
  const [command, ...rest] = args;
  return spawnSync(DENO, [command!, ...config, ...rest], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', ...env },
    timeout: 180_000,
  });
}

t.test('every export of the public API has an example, and it runs', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const text = readFileSync(`${ROOT}mod.ts`, 'utf8');
  const exported = [...text.matchAll(/export \{([^}]*)\}/g)].flatMap((m) => m[1]!.split(','))
    .map((name) => name.trim()).filter((name) => name !== '' && !name.startsWith('type '));
  t.same(exported.sort(), Object.keys(FILES).sort(), 'the list here is complete');

  const folder = bench.home();
  const programs = Object.entries(FILES).map(([name, file]) => {
    const [block] = blocksOf(file, 'ts');
    const code = block?.text ?? 'throw new Error("no example")';
    t.match(code, /from '\.\/mod\.ts'/, `${name} is imported as users do`);
    t.match(code, name, `the example of ${name} uses it`);
    const path = join(folder, `${name}.ts`);
    writeFileSync(path, code.replace("'./mod.ts'", JSON.stringify(pathToFileURL(`${ROOT}mod.ts`))));
    return { name, path };
  });
  const checked = deno(['check', ...programs.map(({ path }) => path)]);
  t.equal(checked.status, 0, checked.stderr);

  const env = { NEXUS_BOOTSTRAP: await bench.dht(), NEXUS_HOST: '127.0.0.1' };
  for (const { name, path } of programs) {
    const { status, stdout, stderr } = deno(['run', '-A', path], {
      ...env,
      NEXUS_HOME: bench.home(),
    });
    t.equal(status, 0, `${name} runs ${stderr}`);
    t.not(stdout.trim(), '', `${name} prints something`);
  }
});
