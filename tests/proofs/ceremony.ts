import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blocksOf, ROOT } from '../lib/docs.ts';

const BEACON = '5e'.repeat(32);

/** A folder in which the document's commands can be typed. */
export function desk(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-ceremony-'));
  for (const part of ['circuits/src', 'node_modules/circomlib/circuits']) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  mkdirSync(join(folder, 'bin'));
  const script = (name: string, line: string) =>
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  script('npx', `name=$1; shift; exec "${ROOT}node_modules/.bin/$name" "$@"`);
  script('nexus', `exec "${process.execPath}" "${ROOT}bin/nexus.mjs" "$@"`);
  return folder;
}

/** Types one line; whoever is asked for random text gives some. */
export async function typed(line: string, folder: string, home: string): Promise<string> {
  const path = `${join(folder, 'bin')}:${process.env.PATH}`;
  const env = { ...process.env, PATH: path, BEACON, NEXUS_HOME: home, NEXUS_BOOTSTRAP: '' };
  const child = spawn('sh', ['-c', line], { cwd: folder, env });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => said += text);
  child.stdin.end('some text that nobody else types\n');
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${line}\n${said}`);
  return said;
}

/** The commands of the document, in their order. */
export function commands() {
  const blocks = blocksOf('docs/ceremony.md', 'sh').map(({ text }) => text.trim().split('\n'));
  const [check, powers, compile, setup, verify, found, enter, build] = blocks;
  const count = blocks.length;
  return { count, check, powers, compile, setup, verify, found, enter, build };
}
