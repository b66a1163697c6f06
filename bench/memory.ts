/** Memory of all processes of a node: proportional set size, as the kernel counts it (Linux). */
import { readdir, readFile } from 'node:fs/promises';
import type { Figure } from './lib.ts';
import { hex } from './mesh.ts';
import type { BenchModel } from './model.ts';
import { type Node, World } from './world.ts';

const MB = 1e6;
/**
 * What is measured is what stays: the kernel and the collectors get time for the rest. V8 collects
 * when a process has had little to do for eight seconds.
 */
const SETTLE_MS = 12_000;

export async function memory(
  model: BenchModel,
  embedded: BenchModel,
  jobs: number,
): Promise<Figure[]> {
  if (Deno.build.os !== 'linux') return [];
  return [...await standing(model), ...await overJobs(embedded, jobs)];
}

async function standing(model: BenchModel): Promise<Figure[]> {
  await using world = await World.open(model);
  const [lender, asker] = [await world.executor(), await world.requester()];
  for (let n = 0; n < 4; n++) await job(asker, model, n, 64);
  await pause(SETTLE_MS);
  const file = model.profile.size / MB;
  const requester = await megabytes(asker), executor = await megabytes(lender) - file;
  return [
    {
      name: 'memory: requester without weights',
      measured: `${requester.toFixed(0)} MB`,
      goal: '<= 350 MB',
      met: requester <= 350,
    },
    {
      name: `memory: executor, model file (${file.toFixed(0)} MB) excluded`,
      measured: `${executor.toFixed(0)} MB`,
      goal: '<= 450 MB',
      met: executor <= 450,
    },
  ];
}

async function overJobs(model: BenchModel, jobs: number): Promise<Figure[]> {
  await using world = await World.open(model);
  const [lender, asker] = [await world.executor(), await world.requester()];
  const at = async () => {
    await pause(SETTLE_MS);
    return { requester: await megabytes(asker), executor: await megabytes(lender) };
  };
  // Queues, caches and compiled code find their size first.
  const before = Math.round(jobs / 5);
  for (let n = 0; n < before; n++) await job(asker, model, n, 16);
  const early = await at();
  for (let n = before; n < jobs; n++) await job(asker, model, n, 16);
  const late = await at();
  const requester = late.requester - early.requester, executor = late.executor - early.executor;
  const show = (mb: number) => `${mb >= 0 ? '+' : ''}${mb.toFixed(0)} MB`;
  return [{
    name: `memory: growth from job ${before} to job ${jobs}, ${model.name}`,
    measured: `requester ${show(requester)}, executor ${show(executor)}`,
    goal: 'flat (<= 5 %)',
    met: requester <= 0.05 * early.requester && executor <= 0.05 * early.executor,
  }];
}

function job(asker: Node, model: BenchModel, n: number, maxTokens: number) {
  const prompt = `Question ${n}: what is the sea?`;
  return asker.ask({ prompt, maxTokens, seed: hex(n), where: 'mesh', model: model.name });
}

/** Proportional set size of a node's processes, its launcher included, in MB. */
async function megabytes(node: Node): Promise<number> {
  let kilobytes = 0;
  for (const pid of await descendants(node.pid)) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    kilobytes += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)![1]);
  }
  return kilobytes * 1024 / MB;
}

export async function descendants(root: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // The name in parentheses may hold anything.
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    parents.set(Number(name), parent);
  }
  const found = [root];
  for (const pid of found) {
    for (const [child, parent] of parents) if (parent === pid) found.push(child);
  }
  return found;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
