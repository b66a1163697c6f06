import { NexusError } from '../../feeds/base/mod.ts';
import { closest } from '../home/mod.ts';
import { parseCommandLine, usageError } from './args.ts';
import { EXIT, exitOf, Interrupted } from './exit.ts';
import { Output } from './output.ts';
import { Interrupts, listenToSignals } from './signals.ts';
import { sinkOf } from './sinks.ts';
import type { CommandSpec, Invocation } from './spec.ts';
import { COMMANDS } from './table.ts';

/**
 * Runs one command line to its end.
 * @returns the exit code
 */
export async function main(args: readonly string[]): Promise<number> {
  const abort = new AbortController();
  const closed = () => abort.abort(new Interrupted('nobody reads the output', EXIT.done));
  const env = {
    NO_COLOR: Deno.env.get('NO_COLOR'),
    FORCE_COLOR: Deno.env.get('FORCE_COLOR'),
    TERM: Deno.env.get('TERM'),
  };
  const stdout = sinkOf(Deno.stdout, env, closed);
  const stderr = sinkOf(Deno.stderr, env, () => {});
  const json = args.includes('--json') && !args.slice(0, args.indexOf('--json')).includes('--');
  const silent = { json, quiet: false, verbose: false };
  let out = new Output(stdout, stderr, silent);
  const interrupts = new Interrupts();
  const unlisten = listenToSignals(abort, interrupts);
  try {
    const [name, ...rest] = args[0] === 'help' ? [...args.slice(1, 2), '--help'] : args;
    if (name === undefined || name === '--help' || name === '-h') {
      await stdout.write(`${(await help()).overview()}\n`);
      return EXIT.done;
    }
    if (name === '--version' || name === '-V') {
      await stdout.write(`${await version()}\n`);
      return EXIT.done;
    }
    const command = await load(name);
    const { flags, action, positionals } = parseCommandLine(command, rest);
    if (flags.help === true) {
      await stdout.write(`${(await help()).helpOf(command)}\n`);
      return EXIT.done;
    }
    const { json, quiet, verbose } = flags as unknown as Invocation['flags'];
    out = new Output(stdout, stderr, { json, quiet, verbose });
    const invocation = { flags, action, positionals, out, signal: abort.signal, interrupts };
    return await command.run(invocation as unknown as Invocation) ?? EXIT.done;
  } catch (thrown) {
    return await explain(thrown, out, abort.signal);
  } finally {
    unlisten();
  }
}

/** Says why a command failed, unless it was told to stop; returns the exit code. */
async function explain(thrown: unknown, out: Output, signal: AbortSignal): Promise<number> {
  const reason = signal.aborted ? signal.reason : thrown;
  if (reason instanceof Interrupted) return reason.exit;
  if (thrown instanceof NexusError && thrown.code === 'PIPE_CLOSED') return EXIT.failed;
  await out.error(thrown).catch(() => {});
  return exitOf(thrown);
}

async function load(name: string): Promise<CommandSpec> {
  if (!COMMANDS.some((command) => command.name === name)) {
    const isFlag = name.startsWith('-');
    const known = isFlag ? ['--help', '--version'] : COMMANDS.map((command) => command.name);
    const meant = closest(name, known);
    throw usageError(
      `there is no ${isFlag ? 'flag' : 'command'} ${JSON.stringify(name.slice(0, 80))}`,
      meant === undefined ? 'see nexus --help' : `did you mean nexus ${meant}?`,
    );
  }
  return (await later(`./commands/${name}.ts`) as { command: CommandSpec }).command;
}

async function help() {
  return await later('./help.ts') as typeof import('./help.ts');
}

/** Imports what only some command lines need. A literal would have Deno read it for all of them. */
function later(module: string): Promise<unknown> {
  return import(new URL(module, import.meta.url).href);
}

async function version(): Promise<string> {
  const manifest = new URL('../../package.json', import.meta.url);
  return JSON.parse(await Deno.readTextFile(manifest)).version;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
