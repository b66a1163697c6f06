import { type ChildProcess, spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { DENO } from '../lib/deno.ts';
import { ROOT } from '../lib/docs.ts';
import type { Event } from '../lib/nexus.ts';

/** A watcher of several nodes in a process of its own; `node` of an event says which one told it. */
export class Follower {
  readonly events: Event[] = [];
  readonly #child: ChildProcess;
  #wake: (() => void)[] = [];

  constructor(sockets: string[]) {
    const args = ['run', '-A', '--no-prompt', '--no-check', `${ROOT}tests/watch/follow.ts`];
    this.#child = spawn(DENO, [...args, ...sockets], { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      this.events.push(JSON.parse(line));
      for (const wake of this.#wake.splice(0)) wake();
    });
  }

  /** The first event, old or new, that fits; `from`: events before that one do not count. */
  async waitFor(fits: (event: Event) => boolean, what: string, from = 0): Promise<Event> {
    const limit = Date.now() + 30_000;
    for (;;) {
      const found = this.events.slice(from).find(fits);
      if (found !== undefined) return found;
      if (Date.now() > limit) {
        const last = this.events.slice(-8).map((e) => JSON.stringify(e).slice(0, 300)).join('\n');
        throw new Error(`never: ${what}; last:\n${last}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(1, limit - Date.now()));
        this.#wake.push(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Calls a method of a running node; its events come first, what it returned last. */
export function control(socket: string, method: string, params: unknown = {}): Promise<Event[]> {
  return new Promise((resolve, reject) => {
    // deno-lint-ignore no-explicit-any -- compared field by field in the tests
    const seen: any[] = [];
    const connection = createConnection(socket).on('error', reject);
    connection.write(`${JSON.stringify({ method, params })}\n`);
    createInterface({ input: connection }).on('line', (line) => {
      const { event, result, error } = JSON.parse(line);
      if (error !== undefined) return reject(error);
      seen.push(event ?? result);
    }).on('close', () => resolve(seen)).on('error', reject);
  });
}
