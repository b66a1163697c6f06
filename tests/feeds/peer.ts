import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import { HyperDht } from '../../feeds/service/native.ts';
import { DENO } from '../lib/deno.ts';

// deno-lint-ignore no-explicit-any -- answers are compared field by field in the tests
export type Json = any;

const DRIVER = new URL('./driver.ts', import.meta.url).pathname;

/** 32 equal bytes, as the driver writes them. */
export const bytes32 = (n: number): string => `hex:${toHex(new Uint8Array(32).fill(n))}`;
export const hex = (text: string): string => `hex:${toHex(new TextEncoder().encode(text))}`;
export const text = (value: string): string =>
  new TextDecoder().decode(fromHex(value.slice('hex:'.length)));

/** Options of `join` for tests; an open network unless `more` says otherwise. */
export const room = (more: Record<string, unknown> = {}): Json => ({
  network: bytes32(200),
  topics: [bytes32(201)],
  announce: true,
  members: null,
  banned: [],
  maxPeers: 8,
  membership: null,
  ...more,
});

/** A driver process: one peer, or one node of a DHT. */
export class Peer {
  readonly child: ChildProcess;
  readonly events: Json[] = [];
  key = '';
  identity: Json = null;
  #next = 1;
  #calls = new Map<number, { resolve(value: Json): void; reject(error: Json): void }>();
  #wake = new Set<() => void>();
  #stderr = '';

  constructor() {
    this.child = spawn(DENO, ['run', '-A', '--no-check', '--no-prompt', DRIVER], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stderr!.setEncoding('utf8').on('data', (chunk) => this.#stderr += chunk);
    this.child.stdin!.on('error', () => {});
    createInterface({ input: this.child.stdout! }).on('line', (line) => this.#online(line));
    this.child.on('close', () => {
      for (const call of this.#calls.values()) call.reject(new Error(`driver: ${this.#stderr}`));
    });
  }

  call(op: string, ...args: unknown[]): Promise<Json> {
    const id = this.#next++;
    this.child.stdin!.write(`${JSON.stringify({ id, op, args })}\n`);
    return new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }));
  }

  /** The error of a call that must fail. */
  async fails(op: string, ...args: unknown[]): Promise<Json> {
    const value = await this.call(op, ...args).catch((error) => ({ failed: error }));
    if (value?.failed === undefined) throw new Error(`${op} did not fail`);
    return value.failed;
  }

  /** The first event from number `since` on that fits. */
  async event(fits: (event: Json) => boolean, timeoutMs = 15_000, since = 0): Promise<Json> {
    const limit = Date.now() + timeoutMs;
    while (true) {
      const found = this.events.slice(since).find(fits);
      if (found !== undefined) return found;
      const left = limit - Date.now();
      if (left <= 0) throw new Error(`no such event; seen: ${JSON.stringify(this.events)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        const wake = () => {
          clearTimeout(timer);
          this.#wake.delete(wake);
          resolve();
        };
        this.#wake.add(wake);
      });
    }
  }

  /** Process id of the service behind this peer. */
  async service(): Promise<number> {
    const ups = () => this.events.filter(({ type, state }) => type === 'service' && state === 'up');
    await this.event(({ type, state }) => type === 'service' && state === 'up');
    return Number(ups().at(-1).detail.replace('process ', ''));
  }

  /** Ends the driver and the service with it. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.call('close').catch(() => {});
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 8000);
    await ended;
    clearTimeout(timer);
  }

  #online(line: string): void {
    const message = JSON.parse(line);
    if (message.event !== undefined) {
      this.events.push(message.event);
      for (const wake of [...this.#wake]) wake();
      return;
    }
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.error === undefined) call?.resolve(message.ok);
    else call?.reject(message.error);
  }
}

/** A folder of its own, a DHT if wished, and peers, all gone when the test ends. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'nexus-feeds-'));
  bootstrap: { host: string; port: number }[] = [];
  readonly #peers: Peer[] = [];
  #node: { destroy(): Promise<void> } | null = null;

  static async start(t: Test, options: { dht?: boolean } = {}): Promise<World> {
    const world = new World();
    t.teardown(() => world.end());
    if (options.dht !== false) await world.#dht();
    return world;
  }

  /** A DHT in this very process: starting another would take longer than most tests. */
  async #dht(): Promise<void> {
    const host = '127.0.0.1';
    const port = 20_000 + Math.floor(40_000 * Math.random());
    const node = HyperDht.bootstrapper(port, host, { host, anyPort: true });
    await node.fullyBootstrapped();
    this.bootstrap = [{ host, port: node.address().port }];
    this.#node = node;
  }

  driver(): Peer {
    const peer = new Peer();
    this.#peers.push(peer);
    return peer;
  }

  /** Starts a peer with the identity and home of number `n`. */
  async peer(n: number, more: Record<string, unknown> = {}): Promise<Peer> {
    const peer = this.driver();
    const options = { home: this.home(n), seed: bytes32(n), host: '127.0.0.1', ...more };
    const { identity } = await peer.call('start', { ...options, bootstrap: this.bootstrap });
    peer.identity = identity;
    peer.key = identity.publicKey;
    return peer;
  }

  home(n: number): string {
    return join(this.folder, `home-${n}`);
  }

  async end(): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.end()));
    await this.#node?.destroy();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
