import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf, ROOT } from '../lib/docs.ts';
import { Bench, type Running } from '../lib/nexus.ts';
import { type Line, linesOf, programs, shell } from '../lib/shell.ts';

type Test = Parameters<Parameters<typeof import('tap')['default']['test']>[0]>[0];

/** Documents whose blocks stand alone. */
export const BASICS = ['README.md', 'CONTRIBUTING.md', 'docs/REFERENCE.md'];
/** Pages that are read in one sitting: the blocks of each share one machine. */
export const PAGES = ['docs/TOUR.md', 'docs/OPERATORS.md', 'docs/SCRIPTS.md', 'docs/AUDITORS.md'];
const MODEL = 'austen-3.7m';
const FILES = {
  'notes.txt': 'The garden was in great beauty.\nIt rained in the evening.\n',
  'questions.txt': 'Who was at the ball?\nWhere did they walk?\nWhat was said?\n',
};

const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** Where a person types. */
interface Machine {
  home: string;
  cwd: string;
  node: Running | null;
  /** Address of its gateway, empty without one. */
  http: string;
}

/** What continuous integration runs itself, on a fresh clone. */
const CI = /^(npm ci|npm test|npm run [\w:-]+|npm link)$/;

/** A command without the parts that continuous integration runs; null if nothing is left. */
function rest(command: string): string | null {
  const left = command.split(' && ').filter((part) => !CI.test(part)).join(' && ');
  return left === '' ? null : left;
}

/** Types every command that the documents show, and checks what is promised of it. */
export async function commandsWork(t: Test, documents: readonly string[]): Promise<void> {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const path = `${programs(bench.home())}:${process.env.PATH}`;
  const network = {
    NEXUS_BOOTSTRAP: await bench.dht(),
    NEXUS_HOST: '127.0.0.1',
    // Instead of the default one, which would be fetched.
    NEXUS_MODEL: MODEL,
    NEXUS_MAX_TOKENS: '24',
  };

  /** The machines of a page, or of a block; a remark says where a command is typed. */
  class Machines {
    readonly #known = new Map<string, Machine>();

    at(place: string): Machine {
      const known = this.#known.get(place);
      if (known !== undefined) return known;
      const made = { home: bench.home(), cwd: bench.home(), node: null, http: '' };
      for (const [file, text] of Object.entries(FILES)) writeFileSync(join(made.cwd, file), text);
      this.#known.set(place, made);
      return made;
    }
  }

  /** Starts the node of a machine; its gateway takes any free port. */
  const start = async (machine: Machine, typed = 'nexus up') => {
    await machine.node?.stop();
    const args = typed.replace(/--http \S+/, '--http 127.0.0.1:0').split(' ').slice(1);
    machine.node = bench.start([...args, '--json'], machine.home, { env: network });
    const ready = await machine.node.waitFor((e) => e.event === 'ready');
    machine.http = ready.http?.replace(/\/v1$/, '') ?? '';
    return ready;
  };

  const starts = /^nexus up/m;
  const pages = new Map(documents.map((file) => [file, readFileSync(ROOT + file, 'utf8')]));
  const sittings = new Map(PAGES.map((file) => [file, new Machines()]));
  for (const block of documents.flatMap((file) => blocksOf(file, 'sh'))) {
    const lines = linesOf(block.text);
    const name = `${block.file}:${block.line} ${lines[0]!.command}`;
    const known = lines.filter(({ command }) => rest(command) !== null);
    if (known.length === 0) {
      t.pass(`${name}: not run here, .ci/run does it on a fresh clone`);
      continue;
    }
    await t.test(name, async (t) => {
      const sitting = sittings.get(block.file);
      const machines = sitting ?? new Machines();
      let at = 'here', token = '';
      // A machine on which many commands follow has a node running, as its owner would.
      const many = sitting === undefined ? known.length > 5 : !starts.test(pages.get(block.file)!);
      if (many && machines.at(at).node === null) await start(machines.at(at));
      for (const { command, remark } of known) {
        at = /^on the (\w+)/.exec(remark)?.[1] ?? at;
        const machine = machines.at(at);
        const { home, cwd, http } = machine;
        const typed = rest(command)!.replace('<token>', token)
          .replaceAll('http://127.0.0.1:8040', http).replaceAll('smollm2-135m', MODEL);
        if (/^nexus up( |$)/.test(typed)) {
          t.equal((await start(machine, typed)).announced, true, `${typed}: is announced`);
          continue;
        }
        if (/^curl /.test(typed) && !hasCurl) {
          t.pass(`${typed}: there is no curl`);
          continue;
        }
        const env = { ...network, PATH: path, NEXUS_HOME: home };
        const { code, stdout, stderr } = await shell(typed, { cwd, env, timeout: 240_000 });
        t.equal(code, 0, `${typed} ${stderr}`);
        check(t, { command: typed, remark }, stdout);
        if (typed === 'nexus invite') token = stdout.trim();
      }
    });
  }
}

/** What the remark promises, where it can be seen. */
function check(
  t: Pick<typeof import('tap')['default'], 'not' | 'equal' | 'match' | 'notMatch'>,
  { command, remark }: Line,
  stdout: string,
): void {
  if (/nexus run/.test(command) && !/ > /.test(command)) {
    t.not(stdout.trim(), '', `${command} answers`);
  }
  if (/--lines/.test(command)) t.equal(stdout.trim().split('\n').length, 3, 'a line each');
  if (/nexus run .*--json/.test(command)) {
    const events = stdout.trim().split('\n').map((line) => JSON.parse(line).event);
    t.equal(events.at(-1), 'done', 'events');
  }
  if (/--rerun/.test(command)) t.match(stdout, /re-executed: all \d+ tokens came out the same/);
  if (/audit$/.test(command)) t.match(stdout, /0 inconsistencies\n.*digest [0-9a-f]{64}/s);
  if (/^curl/.test(command)) t.notMatch(stdout, '"error"');
  if (/demo/.test(command)) t.match(stdout, /same text +yes/);
  if (/prints a token/.test(remark)) t.match(stdout, /^\S+\n$/, 'a token alone');
}
