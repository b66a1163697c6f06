import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test as Tap } from 'tap';
import type { Account, LedgerTerms, LedgerView } from '../../feeds/ledger/mod.ts';
import { profileId } from '../../feeds/records/mod.ts';
import { pathsOf } from '../../node/home/mod.ts';
import { readTable } from '../../node/models/mod.ts';
import { defaultLedgerRules, PRESETS } from '../../node/network/mod.ts';
import type { Bench, Cheat, Event, Node } from '../lib/nexus.ts';
import { auditedHomes, calibrated, trustOf } from '../lib/audited.ts';
import { writeVariant } from '../lib/gguf_variant.ts';
import { control } from '../watch/live.ts';

export const NCU = 1_000_000;
export const BOND = 100 * NCU;
const MODEL = 'austen-3.7m';
const WEIGHTS = fileURLToPath(new URL('../../models/austen-3.7m-q8_0.gguf', import.meta.url));
const ASKER = ['--role', 'requester,witness'];
const CHEAT = ['--role', 'executor,auditor', '--other'];
const LONG = [
  'run',
  'Elizabeth walked home',
  '-m',
  MODEL,
  '-n',
  '400',
  '--where',
  'mesh',
  '--json',
];
export const WORKER = ['-m', MODEL, '--role', 'executor,auditor,witness'];

/** Money as on a development network; the embedded model costs as if it were a large one. */
export async function terms(): Promise<LedgerTerms> {
  const { entry } = (await readTable()).find(({ entry }) => entry.name === MODEL)!;
  const rules = { ...defaultLedgerRules(), ...PRESETS.dev.ledger, settleCuts: 40 };
  const one = { profile: profileId(entry.profile), prompt: 3673, output: 14_690 };
  return { rules, genesis: [], coefficients: [one] };
}

/**
 * Who asks, three honest executors and auditors, and one that lies when it is told to; it also has
 * the weights in a coarser quantisation.
 */
export class MoneyMesh {
  jobs = 0;

  private constructor(
    readonly bench: Bench,
    readonly bootstrap: string,
    /** The last one is of nobody yet. */
    readonly homes: readonly string[],
    public asker: Node,
    readonly workers: Node[],
    public cheat: Cheat,
    readonly other: string,
  ) {}

  static async start(bench: Bench): Promise<MoneyMesh> {
    const bootstrap = await bench.dht();
    const rules = { epochMs: 1000, auditors: 2, panel: 2 };
    const homes = await auditedHomes(bench, 6, 4, rules, await terms());
    const models = join(homes[4]!, 'models'), other = join(models, 'coarse.gguf');
    mkdirSync(models, { recursive: true });
    await writeVariant(WEIGHTS, other, { q4: true });
    const [asker, one, two, three, cheat] = await Promise.all([
      bench.up(bootstrap, ASKER, homes[0]),
      bench.up(bootstrap, WORKER, homes[1]),
      bench.up(bootstrap, WORKER, homes[2]),
      bench.up(bootstrap, WORKER, homes[3]),
      bench.cheat(bootstrap, [...CHEAT, other], homes[4]),
    ]);
    const mesh = new MoneyMesh(bench, bootstrap, homes, asker, [one, two, three], cheat, other);
    for (const { key } of [...mesh.workers, cheat]) await mesh.knows(key);
    await calibrated(one, [asker, ...mesh.workers]);
    for (const node of [...mesh.workers, cheat]) {
      await until('a grant', async () => ((await accountOf(node))?.available ?? 0) >= BOND);
      await until('it may bond', () => bonded(node));
    }
    for (const node of [...mesh.workers, cheat]) {
      await until('a bond', async () => (await accountOf(node))?.bonded === BOND);
    }
    return mesh;
  }

  get all(): Node[] {
    return [this.asker, ...this.workers, this.cheat];
  }

  async knows(key: string): Promise<void> {
    const fits = (e: Event) => e.event === 'capability' && e.key === key;
    await this.asker.running.waitFor(fits, 60_000);
  }

  /** Has an executor answer, whatever is known of it; where that is too slow, another one does. */
  async ask({ key }: Node): Promise<void> {
    await control(pathsOf(this.asker.home).socket, 'forgive', { key });
    // Who has just come back asks the first price until it has read the cuts.
    await until('an answer', () => answered(this.asker, key).then(() => true, isPrice));
    this.jobs++;
  }

  /**
   * Kills two processes without a word, while the first of them that is no requester answers, and
   * starts them again.
   * @returns whether there was an answer all the same
   */
  async strike(...hit: readonly [Node, Node]): Promise<boolean> {
    const { key } = hit.find((one) => one !== this.asker)!;
    await control(pathsOf(this.asker.home).socket, 'forgive', { key });
    const answer = this.bench.start([...LONG, '--executor', key], this.asker.home);
    await answer.waitFor((e) => e.event === 'token', 60_000);
    for (const { running } of hit) running.kill('SIGKILL');
    await Promise.all(hit.map(({ running }) => running.ended));
    const { code } = await answer.ended;
    if (code === 0) this.jobs++;
    const from = hit.includes(this.asker) ? 0 : this.asker.running.events.length;
    const asked = this.asker;
    const again = await Promise.all(hit.map((one) => this.#again(one)));
    const wanted = this.asker === asked ? again : this.all.filter((one) => one !== this.asker);
    for (const { key } of wanted) {
      const fits = (e: Event) => e.event === 'capability' && e.key === key;
      await this.asker.running.waitFor(fits, 60_000, from);
    }
    return code === 0;
  }

  /** Starts one again that has ended; the cheat is honest then. */
  async #again(one: Node): Promise<Node> {
    const { bench, bootstrap, homes } = this;
    if (one === this.asker) return this.asker = await bench.up(bootstrap, ASKER, homes[0]);
    if (one === this.cheat) {
      return this.cheat = await bench.cheat(bootstrap, [...CHEAT, this.other], homes[4]);
    }
    const i = this.workers.indexOf(one);
    return this.workers[i] = await bench.up(bootstrap, WORKER, homes[i + 1]);
  }

  async proven(): Promise<Event | undefined> {
    const rows = await trustOf(this.asker);
    return rows?.cheats.find(({ executor }: Event) => executor === this.cheat.key);
  }
}

/** Has a prompt answered. @param executor who is asked first @returns the last event */
export async function answered({ home }: Node, executor: string | null): Promise<Event> {
  const request = { prompt: 'Elizabeth walked home', model: MODEL, where: 'mesh', maxTokens: 24 };
  const events = await control(pathsOf(home).socket, 'run', { ...request, executor });
  const done = events.find((one) => one?.event === 'done');
  if (done === undefined) throw new Error(JSON.stringify(events.slice(-3)));
  return done;
}

/** @throws what was thrown, if it is about anything but a price */
function isPrice(error: { message?: string }): boolean {
  if (!error.message?.includes('PRICE')) throw error;
  return false;
}

/** False while it reads the cuts. */
async function bonded({ home }: Node): Promise<boolean> {
  try {
    await control(pathsOf(home).socket, 'bond', { amount: BOND });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'LEDGER_UNREAD') return false;
    throw error;
  }
}

export async function ledgerOf(node: Node): Promise<LedgerView | null> {
  try {
    const [answer] = await control(pathsOf(node.home).socket, 'ledger');
    return (answer as unknown as { view: LedgerView }).view;
  } catch (error) {
    if ((error as { code?: string }).code === 'LEDGER_UNREAD') return null;
    throw error;
  }
}

export async function accountOf(node: Node, of = node): Promise<Account | undefined> {
  return (await ledgerOf(node))?.accounts.find(({ key }) => key === of.key);
}

/** Roots that a node had after each of the newest cuts. */
export function rootsOf({ epochs }: LedgerView): Map<number, string> {
  return new Map(epochs.map(({ epoch, root }) => [epoch, root]));
}

/** All have folded a cut that is yet to come, and have the same root after every cut that they remember. */
export async function sameRoots(t: Tap, nodes: readonly Node[]): Promise<void> {
  const newest = (await ledgerOf(nodes[0]!))?.epoch ?? 0;
  const views = new Map<string, LedgerView>();
  for (const node of nodes) {
    await until('the same cut', async () => {
      const view = await ledgerOf(node);
      if (view === null || (view.epoch ?? -1) < newest) return false;
      views.set(node.key, view);
      return true;
    });
  }
  const [first, ...others] = [...views.values()].map(rootsOf);
  let compared = 0;
  for (const roots of others) {
    for (const [epoch, root] of roots) {
      if (!first!.has(epoch)) continue;
      compared++;
      if (first!.get(epoch) !== root) t.fail(`cut ${epoch}: another root`);
    }
  }
  t.ok(compared >= others.length, `${compared} roots are equal`);
}

export async function until(
  what: string | (() => string),
  holds: () => Promise<boolean>,
): Promise<void> {
  const limit = Date.now() + 120_000;
  while (!await holds()) {
    if (Date.now() > limit) throw new Error(`never: ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
