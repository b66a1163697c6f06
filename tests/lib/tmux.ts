import { spawnSync } from 'node:child_process';

/** True where tmux is on this machine. */
export function hasTmux(): boolean {
  return spawnSync('tmux', ['-V']).status === 0;
}

let servers = 0;

/** A real terminal: a tmux server of its own with one window. */
export class Tmux {
  readonly #socket = `nexus-test-${process.pid}-${servers++}`;

  /** @param command what a shell runs in it; after its end `ended <code>` is printed */
  constructor(command: string, columns: number, rows: number, env: Record<string, string>) {
    const shell = `echo before; ${command}; echo "ended $?"; exec cat`;
    const set = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const size = ['-x', String(columns), '-y', String(rows)];
    this.#tmux(['-f', '/dev/null', 'new-session', '-d', ...size, ...set, 'sh', '-c', shell]);
    process.once('exit', () => this.end());
  }

  /** Keys by tmux's names, e.g. `Enter`, `C-c`, `q`. */
  keys(...names: string[]): void {
    this.#tmux(['send-keys', ...names]);
  }

  /** Text as it is. */
  type(text: string): void {
    this.#tmux(['send-keys', '-l', text]);
  }

  resize(columns: number, rows: number): void {
    this.#tmux(['resize-window', '-x', String(columns), '-y', String(rows)]);
  }

  /** What is on the screen. */
  screen(): string {
    return this.#tmux(['capture-pane', '-p']);
  }

  /** The same with its colours. */
  painted(): string {
    return this.#tmux(['capture-pane', '-p', '-e']);
  }

  /** Whether a program has taken the whole screen. */
  get alternate(): boolean {
    return this.#tmux(['display-message', '-p', '#{alternate_on}']).trim() === '1';
  }

  /** The process that runs in it. */
  get pid(): number {
    return Number(this.#tmux(['display-message', '-p', '#{pane_pid}']));
  }

  /** Waits until the screen fits; returns it. */
  async shows(wanted: RegExp, timeoutMs = 60_000): Promise<string> {
    const limit = Date.now() + timeoutMs;
    for (;;) {
      const screen = this.screen();
      if (wanted.test(screen)) return screen;
      if (Date.now() > limit) throw new Error(`the screen does not show ${wanted}:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  end(): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server']);
  }

  #tmux(args: string[]): string {
    const { status, stdout, stderr } = spawnSync('tmux', ['-L', this.#socket, '-u', ...args]);
    if (status !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`);
    return String(stdout);
  }
}
