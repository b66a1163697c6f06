import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { streamCall } from '../node/control/mod.ts';
import { pathsOf } from '../node/home/mod.ts';
import { ModelStore } from '../node/models/mod.ts';
import type { BenchModel } from './model.ts';

export const LAUNCHER = fileURLToPath(new URL('../bin/nexus.mjs', import.meta.url));
const READY_MS = 60_000;

// deno-lint-ignore no-explicit-any -- events are NDJSON of another process
export type Event = Record<string, any> & { event: string };

/** One answer as its reader saw it. */
export interface Answer {
  text: string;
  ids: number[];
  executor: string;
  /** Milliseconds from the request to the first token. */
  firstMs: number;
  /** Tokens a second after the first token event. */
  rate: number;
  totalMs: number;
}

/** A request over the control socket; what is left out is the node's own setting. */
export type Ask = { prompt: string; maxTokens: number } & Record<string, unknown>;

/** A running node: a process group of its own on loopback. */
export class Node {
  key = '';
  pids: number[] = [];
  /** Address of its gateway, where it has one. */
  http = '';
  readonly home: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(child: ChildProcess, home: string) {
    this.#child = child;
    this.home = home;
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()));
  }

  /** The launcher's process id; the others descend from it. */
  get pid(): number {
    return this.#child.pid!;
  }

  /** Events of one run. */
  run({ prompt, ...rest }: Ask, signal?: AbortSignal): AsyncGenerator<Event, unknown, void> {
    const request = { messages: [{ role: 'user', content: prompt }], ...rest };
    const { socket } = pathsOf(this.home);
    return streamCall(socket, 'run', request, signal) as AsyncGenerator<Event, unknown, void>;
  }

  /** Runs a prompt to its end. */
  async ask(request: Ask): Promise<Answer> {
    const start = performance.now();
    let first = 0, last = 0, early = 0, text = '', executor = '';
    const ids: number[] = [];
    for await (const event of this.run(request)) {
      if (event.event === 'token' && event.ids.length > 0) {
        last = performance.now();
        ids.push(...event.ids);
        if (first === 0) {
          first = last;
          early = ids.length;
        }
      }
      if (event.event === 'done') ({ text, executor } = event as unknown as Answer);
    }
    const rate = 1000 * (ids.length - early) / (last - first);
    return {
      text,
      ids,
      executor,
      firstMs: first - start,
      rate,
      totalMs: performance.now() - start,
    };
  }

  /** SIGKILL for all its processes at once, as when the machine loses its power. */
  kill(): Promise<void> {
    process.kill(-this.pid, 'SIGKILL');
    return this.#ended;
  }

  async close(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#ended;
  }

  /** Waits for `ready`. */
  async ready(): Promise<Event> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), READY_MS);
    for await (const line of createInterface({ input: this.#child.stdout! })) {
      const event = JSON.parse(line) as Event;
      if (event.event !== 'ready') continue;
      clearTimeout(timer);
      this.#child.stdout!.resume();
      this.key = event.key ?? '';
      this.pids = Object.values(event.pids ?? {});
      this.http = event.http ?? '';
      return event;
    }
    throw new Error('a process of the benchmark ended before it was ready');
  }
}

/** Processes and homes of one benchmark; disposing of it leaves nothing behind. */
export class World implements AsyncDisposable {
  readonly model: BenchModel;
  readonly env: Record<string, string>;
  #bootstrap = '';
  readonly #folder: string;
  readonly #nodes: Node[] = [];
  #homes = 0;

  private constructor(model: BenchModel, folder: string) {
    this.model = model;
    this.#folder = folder;
    this.env = {
      ...Deno.env.toObject(),
      NEXUS_HOST: '127.0.0.1',
      NEXUS_THREADS: '1',
      // Nothing is measured beside what a benchmark is about.
      NEXUS_FINGERPRINT: 'off',
      NO_COLOR: '1',
    };
    delete this.env.NEXUS_BENCH_MODEL;
    // Has Node read all certificates before the launcher's first line: 60 to 100 ms that are not ours.
    delete this.env.NODE_EXTRA_CA_CERTS;
  }

  /** With a private DHT of its own. */
  static async open(model: BenchModel): Promise<World> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'nexus-bench-')));
    const world = new World(model, folder);
    const dht = world.#start(
      ['dht', '--host', '127.0.0.1', '--port', '0', '--json'],
      join(folder, 'dht'),
    );
    const { host, port } = await dht.ready();
    world.#bootstrap = `${host}:${port}`;
    return world;
  }

  /** Environment of a command that uses a home. */
  envOf(home: string): Record<string, string> {
    return { ...this.env, NEXUS_HOME: home, NEXUS_BOOTSTRAP: this.#bootstrap };
  }

  /** A home; with the model's weights if asked. */
  async home(weights: boolean): Promise<string> {
    const home = join(this.#folder, `h${this.#homes++}`);
    if (weights && this.model.external) {
      await new ModelStore(home).add(this.model.path, { name: this.model.name });
    }
    return home;
  }

  /** A node that lends the model. */
  async executor(home?: string, more: string[] = []): Promise<Node> {
    return await this.#up(home ?? await this.home(true), ['-m', this.model.name, ...more]);
  }

  /** A node without weights. */
  async requester(): Promise<Node> {
    return await this.#up(await this.home(false), ['--role', 'requester']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.toReversed().map((node) => node.close()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #up(home: string, args: string[]): Promise<Node> {
    const node = this.#start(['up', '--json', ...args], home);
    await node.ready();
    return node;
  }

  #start(args: string[], home: string): Node {
    const child = spawn('node', [LAUNCHER, ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
      env: this.envOf(home),
    });
    const node = new Node(child, home);
    this.#nodes.push(node);
    return node;
  }
}
