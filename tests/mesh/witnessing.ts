import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { Bench, type Event, type Node } from '../lib/nexus.ts';

/** Witnesses of an open network of their own, in real processes. */
export class Witnesses {
  readonly bench: Bench;
  readonly homes: string[] = [];
  readonly nodes: Node[] = [];
  #bootstrap = '';
  #file = '';
  #hosts: readonly string[] = [];

  /** @param through command that runs all of its commands */
  constructor(through: readonly string[] = []) {
    this.bench = new Bench(through);
  }

  /** @param hosts addresses, that of each witness; by default all have the same */
  static async start(
    count: number,
    epochMs: number,
    hosts: readonly string[] = [],
    through: readonly string[] = [],
  ): Promise<Witnesses> {
    const all = new Witnesses(through);
    all.#hosts = hosts;
    const { bench } = all;
    all.#bootstrap = await bench.dht();
    const keys: string[] = [];
    for (let i = 0; i < count; i++) all.homes.push(bench.home());
    for (const home of all.homes) {
      const { events } = await bench.run(['id', '--json'], home);
      keys.push(events[0]!.key);
    }
    const args = keys.flatMap((key) => ['--witness', key]);
    const [home] = all.homes;
    args.push('--open', '--rule', `epochMs=${epochMs}`);
    await bench.run(['network', 'new', 'watched', ...args], home!);
    const { stdout } = await bench.run(['network', 'show', 'watched'], home!);
    all.#file = join(home!, 'watched.json');
    writeFileSync(all.#file, stdout.slice(stdout.indexOf('{')));
    await Promise.all(all.homes.map((_, i) => all.up(i)));
    return all;
  }

  /** Starts a witness, or starts it again. */
  async up(index: number): Promise<Node> {
    const args = ['--network', this.#file, '--role', 'witness'];
    const host = this.#hosts[index] ?? this.bench.host;
    const node = await this.bench.up(this.#bootstrap, args, this.homes[index], host);
    this.nodes[index] = node;
    return node;
  }

  /** The first cut that a node tells of that epoch or a later one. */
  cut(index: number, epoch: number, timeoutMs = 60_000): Promise<Event> {
    const { running } = this.nodes[index]!;
    return running.waitFor((e) => e.event === 'cut' && e.epoch >= epoch, timeoutMs);
  }

  /** Cuts told so far, by epoch: every hash that anybody told. */
  hashes(): Map<number, Set<string>> {
    const hashes = new Map<number, Set<string>>();
    for (const { running } of this.nodes) {
      for (const { event, epoch, hash } of running.events) {
        if (event !== 'cut') continue;
        hashes.set(epoch, (hashes.get(epoch) ?? new Set()).add(hash));
      }
    }
    return hashes;
  }

  told(name: string): Event[] {
    return this.nodes.flatMap(({ running }) => running.events.filter((e) => e.event === name));
  }
}
