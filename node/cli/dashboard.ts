import { fileURLToPath } from 'node:url';
import { permissionsFor } from '../../bin/permissions.mjs';
import { v8For } from '../../bin/v8.mjs';
import { NexusError } from '../../feeds/base/mod.ts';
import { EXIT } from './exit.ts';
import type { NodeLog } from './node_log.ts';
import type { Output } from './output.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
/** What it may take to restore the screen. */
const END_MS = 3000;

/** Leaves the alternate screen, shows the cursor, ends bracketed paste: what a killed child cannot. */
const RESTORE = new TextEncoder().encode('\u001b[?1049l\u001b[?25h\u001b[?2004l');

/**
 * @throws {NexusError} `NO_TERMINAL` where a dashboard could not be drawn, `USAGE` where events are
 * wanted on the same stream
 */
export function demandTerminal(out: Output): void {
  if (out.json) {
    throw new NexusError('USAGE', '--tui and --json exclude each other', {
      hint: 'leave --tui out, and look at the node with `nexus tui` from another terminal',
    });
  }
  if (Deno.stdin.isTerminal() && Deno.stdout.isTerminal()) return;
  throw new NexusError('NO_TERMINAL', 'the dashboard needs a terminal', {
    hint: 'leave --tui out, and look at the node with `nexus tui` from a terminal',
  });
}

/**
 * The dashboard of this process's own node on its terminal. It is a child: drawing never stands in
 * front of an answer. Meanwhile the log says nothing on that terminal.
 */
export class Dashboard implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<void>;
  #closing = false;

  private constructor(child: Deno.ChildProcess, log: NodeLog, left: () => void) {
    this.#child = child;
    log.muted = true;
    this.#ended = child.status.then(async ({ code }) => {
      Deno.stdin.setRaw(false);
      if (code !== EXIT.done) await Deno.stdout.write(RESTORE).catch(() => {});
      log.muted = false;
      if (this.#closing) return;
      if (code === EXIT.done) return left();
      await log.say(
        'warning',
        'dashboard',
        'the dashboard failed; the node goes on: Ctrl-C stops it',
      );
    });
  }

  /**
   * @param home the node's home
   * @param left called when its person has left it
   */
  static show(home: string, log: NodeLog, left: () => void): Dashboard {
    const args = ['tui', '--home', home];
    const command = new Deno.Command(Deno.execPath(), {
      args: [
        'run',
        '--quiet',
        '--no-prompt',
        '--no-lock',
        '--no-remote',
        '--no-check',
        ...v8For('tui'),
        `--config=${ROOT}/deno.json`,
        ...permissionsFor(ROOT, args, Deno.execPath()),
        `${ROOT}/node/cli/main.ts`,
        ...args,
      ],
      // It leaves when this process is gone.
      env: { NEXUS_LAUNCHER: String(Deno.pid) },
      stdin: 'inherit',
      stdout: 'inherit',
      stderr: 'inherit',
    });
    // So the terminal's mode is known here, for a child that is killed: in raw mode Ctrl-C is a key.
    Deno.stdin.setRaw(true, { cbreak: true });
    return new Dashboard(command.spawn(), log, left);
  }

  /** Ends it, unless it has ended, and waits for the screen to be restored. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#kill('SIGTERM');
    const timer = setTimeout(() => this.#kill('SIGKILL'), END_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch { /* it has ended */ }
  }
}
