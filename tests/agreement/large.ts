import { toHex } from '../../feeds/base/mod.ts';
import { waitingFor } from '../../feeds/agreement/mod.ts';
import { randomOf } from '../lib/random.ts';
import { lie } from './lie.ts';
import { keyOf, World } from './world.ts';

/** Turns in which all that was said arrives, and then every timeout that still runs. */
const TURNS = 60;

/**
 * A storm, from which there is a cut at last; then a split, in which there is none and all say so;
 * then one again.
 * @throws if it is otherwise, or if two cuts of an epoch are certified anywhere
 */
export async function ordeal(
  count: number,
  seed: number,
  steps: number,
): Promise<{ cuts: number; split: boolean }> {
  const mesh = new Large(count, seed);
  const { world } = mesh;
  const epoch = () => Math.max(...world.honest.map(({ view }) => view.epoch));
  const demand = (holds: boolean, what: string) => {
    if (!holds) throw new Error(`seed ${seed}: ${what}`);
  };
  await mesh.storm(steps);
  mesh.heal();
  demand(await world.settle(epoch() + 1, TURNS), 'no cut after a storm');

  const before = epoch();
  for (const core of world.lengths.keys()) world.lengths[core]! += 1;
  mesh.split(2);
  const split = mesh.isSplit;
  if (split) {
    await mesh.storm(steps, false);
    await world.settle(before, 8);
    demand(epoch() === before, 'a part has a cut');
    demand(mesh.allSaySo, 'not all say whom they miss');
    mesh.heal();
    demand(await world.settle(before + 1, TURNS), 'no cut when healed');
  }
  return { cuts: world.cuts.size, split };
}

/** A mesh of many witnesses with weights, less than a third of which is Byzantine. */
export class Large {
  readonly world: World;
  readonly weights: number[];
  readonly #random: () => number;
  /** By witness, the part of the network that it is in. */
  #parts: number[];

  constructor(count: number, seed: number) {
    const random = randomOf(seed);
    this.#random = random;
    this.weights = Array.from({ length: count }, () => 1 + Math.floor(random() * 5));
    const total = sum(this.weights);
    let bad = 0;
    while (3 * sum(this.weights.slice(count - bad - 1)) < total) bad++;
    this.world = new World(count, bad, this.weights);
    this.world.lengths.fill(1);
    this.#parts = this.weights.map(() => 0);
    this.world.reaches = (writer, reader) =>
      this.world.isBad(writer) || this.#parts[writer] === this.#parts[reader];
  }

  /**
   * Everything at once, by chance: deliveries, timeouts, crashes, lies.
   * @param changing the network falls apart and heals again and again
   */
  async storm(steps: number, changing = true): Promise<void> {
    const { world } = this;
    for (let step = 0; step < steps; step++) {
      const one = this.#any(world.honest);
      const dice = this.#random();
      if (changing && dice < 0.02) this.split(1 + this.#below(3));
      else if (changing && dice < 0.04) this.heal();
      else if (dice < 0.06) one.restart();
      else if (dice < 0.1) world.lengths[this.#below(world.lengths.length)]! += 1;
      else if (dice < 0.25) {
        const { timeouts } = one.voter;
        if (timeouts.length > 0) one.voter.expire(one.view.epoch, this.#any(timeouts));
      } else if (dice < 0.4 && world.bad > 0) {
        await lie(world, one.index, this.#below(7), this.#below(8), this.#below(12));
      }
      if (this.#random() < 0.5) one.held = [...world.lengths];
      for (const writer of world.all) {
        if (this.#random() < 0.3 || !world.reaches(writer, one.index)) continue;
        one.arrived[writer] = Math.max(
          one.arrived[writer]!,
          Math.floor(world.logOf(writer, one.index).length * (0.5 + this.#random())),
        );
        const { length } = world.logOf(writer, one.index);
        one.arrived[writer] = Math.min(length, one.arrived[writer]!);
      }
      one.voter.begin();
      await one.work();
    }
  }

  /** Parts of which none can end an epoch, the Byzantine ones with them: by weight in turn. */
  split(parts: number): void {
    const { world, weights } = this;
    const order = world.honest.map(({ index }) => index).sort(() => this.#random() - 0.5);
    const sums = Array.from({ length: parts }, () => 0);
    this.#parts = weights.map(() => 0);
    for (const index of order) {
      const least = sums.indexOf(Math.min(...sums));
      this.#parts[index] = least;
      sums[least]! += weights[index]!;
    }
  }

  heal(): void {
    this.#parts.fill(0);
  }

  /** True if no part of the network, with all the Byzantine ones, is more than two thirds. */
  get isSplit(): boolean {
    const { world, weights } = this;
    const bad = sum(weights.filter((_, i) => world.isBad(i)));
    return [...new Set(this.#parts)].every((part) => {
      const here = world.honest.filter(({ index }) => this.#parts[index] === part);
      return 3 * (bad + sum(here.map(({ index }) => weights[index]!))) <= 2 * sum(weights);
    });
  }

  /** What each honest witness says whose vote it misses: true if that tells all of the other part. */
  get allSaySo(): boolean {
    const { world } = this;
    return world.honest.every(({ index, view }) => {
      const { missing, heard, needed } = waitingFor(view);
      const others = world.honest.filter((other) =>
        this.#parts[other.index] !== this.#parts[index]
      );
      return heard < needed && others.every((other) => missing.includes(toHex(keyOf(other.index))));
    });
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #any<T>(of: readonly T[]): T {
    return of[this.#below(of.length)]!;
  }
}

function sum(of: readonly number[]): number {
  return of.reduce((a, b) => a + b, 0);
}
