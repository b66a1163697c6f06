import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Lie } from '../attacks/lies.ts';
import { DENO } from './deno.ts';

const CHEAT = fileURLToPath(new URL('../attacks/cheat.ts', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../../bin/nexus.mjs', import.meta.url));

/** An NDJSON event of a `--json` command. */
// deno-lint-ignore no-explicit-any -- events are compared field by field in the tests
export type Event = Record<string, any> & { event: string };

export interface RunningOptions {
  env?: Record<string, string>;
  /** True: stdin is a pipe for the test to write to; else it is empty. */
  stdin?: boolean;
  /** Command that runs the given one, such as `nsenter` in a network of its own. */
  through?: readonly string[];
  /** Another program than the launcher, with its first arguments; it prints events. */
  program?: readonly string[];
}

/** A running command, in a process group of its own. */
export class Running {
  readonly child: ChildProcess;
  readonly events: Event[] = [];
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  stdout = '';
  stderr = '';
  #wake: (() => void)[] = [];
  #ended = false;

  constructor(args: string[], home: string, options: RunningOptions = {}) {
    const program = options.program ?? [process.execPath, LAUNCHER];
    const [command, ...line] = [...options.through ?? [], ...program, ...args];
    this.child = spawn(command!, line, {
      stdio: [options.stdin === true ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      detached: true,
      // Of one class whatever the machine: threads that are measured may differ.
      env: {
        ...process.env,
        NO_COLOR: '1',
        NEXUS_THREADS: '1',
        // Nothing is measured beside what a test is about.
        NEXUS_FINGERPRINT: 'off',
        NEXUS_HOME: home,
        ...options.env,
      },
    });
    const json = args.includes('--json') || options.program !== undefined;
    this.child.stderr!.setEncoding('utf8').on('data', (text) => this.stderr += text);
    this.child.stdout!.setEncoding('utf8').on('data', (text) => this.stdout += text);
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      if (json) this.events.push(JSON.parse(line));
      this.#signal();
    });
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        this.#ended = true;
        this.#signal();
        resolve({ code, signal });
      });
    });
  }

  /** The first event, old or new, that fits; `from`: events before that one do not count. */
  async waitFor(fits: (event: Event) => boolean, timeoutMs = 30_000, from = 0): Promise<Event> {
    const limit = Date.now() + timeoutMs;
    for (;;) {
      const found = this.events.slice(from).find(fits);
      if (found !== undefined) return found;
      if (this.#ended || Date.now() > limit) {
        const last = this.events.slice(-5).map((e) => JSON.stringify(e)).join('\n');
        throw new Error(`no such event; last:\n${last}\nstderr:\n${this.stderr}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(1, limit - Date.now()));
        this.#wake.push(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  /** Stops reading what it prints, so that its writes block once the pipe is full. */
  pauseReading(): void {
    this.child.stdout!.pause();
  }

  resumeReading(): void {
    this.child.stdout!.resume();
  }

  /** Signals the whole group. */
  kill(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.child.pid!, signal);
    } catch { /* it ended before */ }
  }

  /** SIGTERM, and SIGKILL when that is not heard within the bound. */
  async stop(timeoutMs = 15_000): Promise<{ code: number | null; signal: string | null }> {
    if (!this.#ended) this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill('SIGKILL'), timeoutMs);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  #signal(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** Temporary homes and the processes that run in them; `end` leaves nothing behind. */
export class Bench {
  readonly #running: Running[] = [];
  readonly #folders: string[] = [];
  readonly #through: readonly string[];
  /**
   * Ports are used again, so that nodes of another test may find ours where they share an address:
   * where all of 127/8 is loopback each bench has one of its own.
   */
  readonly host = process.platform === 'linux'
    ? `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`
    : '127.0.0.1';

  /** @param through command that runs all of its commands */
  constructor(through: readonly string[] = []) {
    this.#through = through;
    // A test that dies before its teardown must not leave a mesh running.
    process.once('exit', () => this.#running.forEach((running) => running.kill('SIGKILL')));
    process.once('SIGTERM', () => process.exit(143));
  }

  home(): string {
    const folder = mkdtempSync(join(tmpdir(), 'nexus-test-'));
    this.#folders.push(folder);
    return folder;
  }

  start(args: string[], home: string, options: RunningOptions = {}): Running {
    const running = new Running(args, home, { through: this.#through, ...options });
    this.#running.push(running);
    return running;
  }

  /** Runs a command to its end. */
  async run(args: string[], home: string, stdin = '', env: Record<string, string> = {}) {
    const running = this.start(args, home, { env, stdin: true });
    running.child.stdin!.on('error', () => {}).end(stdin);
    const { code, signal } = await running.ended;
    const { stdout, stderr, events } = running;
    return { code, signal, stdout, stderr, events };
  }

  /** A DHT bootstrap node on loopback: its `host:port`. */
  async dht(): Promise<string> {
    const dht = this.start(['dht', '--port', '0', '--host', this.host, '--json'], this.home());
    const ready = await dht.waitFor((e) => e.event === 'ready');
    return `${ready.host}:${ready.port}`;
  }

  /** A node with the embedded model on a private DHT, once it is ready. */
  async up(
    bootstrap: string,
    args: string[] = [],
    home = this.home(),
    host = this.host,
  ): Promise<Node> {
    const all = ['up', '--json', '--host', host, '--bootstrap', bootstrap, ...args];
    const running = this.start(all, home);
    const ready = await running.waitFor((e) => e.event === 'ready', 40_000);
    return { home, running, key: ready.key, pids: ready.pids, ready };
  }

  /**
   * A node that lies on command (tests/attacks/cheat.ts), honest at first; `lie` tells it otherwise.
   * @param args e.g. `--weights` with a file in the folder of its models
   */
  async cheat(
    bootstrap: string,
    args: string[] = [],
    home = this.home(),
    env: Record<string, string> = {},
  ): Promise<Cheat> {
    const running = this.start(['--host', this.host, '--bootstrap', bootstrap, ...args], home, {
      program: [DENO, 'run', '-A', '--no-prompt', CHEAT],
      stdin: true,
      env,
    });
    const ready = await running.waitFor((e) => e.event === 'ready', 40_000);
    const lie = async (lie: Lie | null) => {
      const from = running.events.length;
      running.child.stdin!.write(`${JSON.stringify(lie)}\n`);
      await running.waitFor((e) => e.event === 'lying', 10_000, from);
    };
    return { home, running, key: ready.key, pids: ready.pids, ready, lie };
  }

  async end(): Promise<void> {
    await Promise.all(this.#running.map((running) => running.stop()));
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}

/** A node that is up. */
export interface Node {
  home: string;
  running: Running;
  key: string;
  pids: { node: number; feeds: number; engine: number };
  ready: Event;
}

/** A node that lies on command. */
export interface Cheat extends Node {
  /** From the next job on; resolves when it has taken the order. */
  lie: (lie: Lie | null) => Promise<void>;
}

/** True while a process of this id exists and is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Those of the processes that still exist at the end of the bound; empty as soon as all are gone. */
export async function survivors(pids: number[], timeoutMs = 10_000): Promise<number[]> {
  const limit = Date.now() + timeoutMs;
  for (;;) {
    const alive = pids.filter(isAlive);
    if (alive.length === 0 || Date.now() > limit) return alive;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The descendants of a process. */
export function descendants(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-e', '-o', 'pid=,ppid=']);
  const rows = String(stdout).trim().split('\n').map((line) =>
    line.trim().split(/\s+/).map(Number)
  );
  const below = (of: number): number[] =>
    rows.filter(([, parent]) => parent === of).flatMap(([child]) => [child!, ...below(child!)]);
  return below(pid);
}

/** Resident memory of a process, MB. */
export function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

/** The text of all `token` events. */
export function textOf(events: Event[]): string {
  return events.filter((e) => e.event === 'token').map((e) => e.text).join('');
}

/** An answer long enough to be struck in the middle, and the arguments that give it again. */
export interface LongAnswer {
  args: string[];
  text: string;
  tokens: number;
}

/** In the open network this one gives 468 tokens. */
const FIRST_SEED = 0xf3;
const LONG = ['run', 'Elizabeth walked home and thought of everything that had passed'];

/**
 * Looks for a seed whose answer is long: the seed of a job contains the network, so that no seed is
 * good for ever.
 * @param more arguments, such as where to ask
 */
export async function longAnswer(bench: Bench, home: string, more: string[]): Promise<LongAnswer> {
  for (let i = 0; i < 48; i++) {
    const seed = (FIRST_SEED + i) % 0x100;
    const args = [...LONG, '-m', 'austen-3.7m', '-n', '700', '--json', '--seed'];
    args.push(seed.toString(16).padStart(2, '0').repeat(32));
    const { code, stderr, events } = await bench.run([...args, ...more], home);
    const done = events.find((e) => e.event === 'done')!;
    if (code !== 0) throw new Error(stderr);
    if (done.outputTokens >= 400) return { args, text: done.text, tokens: done.outputTokens };
  }
  throw new Error('no seed gives a long answer');
}
