/**
 * Proofs: what each statement's circuit, key and proof cost, and checking a log of a thousand. With
 * `NEXUS_BENCH_PTAU` (a prepared powers-of-tau file) also `sample` with as many positions as fit it.
 */
import { cpuUsage } from 'node:process';
import {
  type CircuitKey,
  circuitKeys,
  type ProofItem,
  type Statement,
  verifyProofs,
} from '../circuits/mod.ts';
import { type Figure, median, spread } from './lib.ts';
import { larger } from './circuits_larger.ts';

interface Proving {
  ms: number[];
  /** MB: before the first proof, and the most until the last one. */
  before: number;
  peak: number;
  item: ProofItem;
}

/** Proofs of the log that is checked. */
const LOG = 1000;

export async function circuits(times: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  const items: ProofItem[] = [];
  for (const key of await circuitKeys()) {
    const proving = await proved(key.statement, times);
    items.push(proving.item);
    figures.push(...await ofStatement(key, proving, times));
  }
  figures.push(...await ofLog(items));
  const ptau = Deno.env.get('NEXUS_BENCH_PTAU');
  if (ptau) figures.push(...await larger(ptau));
  return figures;
}

/** In a process of its own, so that memory is the prover's alone. */
async function proved(statement: Statement, times: number): Promise<Proving> {
  const child = new URL('./circuits_child.ts', import.meta.url).pathname;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ['run', '-A', child, statement, String(times)],
    stderr: 'inherit',
  }).output();
  if (code !== 0) throw new Error(`the prover of ${statement} ended with ${code}`);
  const { ms, before, peak, publics, proof } = JSON.parse(new TextDecoder().decode(stdout));
  const item = { statement, publics: publics.map(BigInt), proof: Uint8Array.from(proof) };
  return { ms, before, peak, item };
}

async function ofStatement(
  { statement, constraints, publics }: CircuitKey,
  { ms, before, peak, item }: Proving,
  times: number,
): Promise<Figure[]> {
  const size = async (kind: string) => {
    const file = new URL(`../circuits/keys/${statement}.${kind}`, import.meta.url);
    return (await Deno.stat(file)).size;
  };
  const zkey = await size('zkey'), vkey = await size('vkey.json');
  const check: number[] = [];
  for (let i = 0; i < 4 * times; i++) check.push(await timed([item]));
  const seconds = ms.map((one) => one / 1000);
  return [
    {
      name: `circuits: ${statement}, constraints, public inputs`,
      measured: `${constraints}, ${publics}`,
      goal: '<= 8192',
      met: constraints + publics < 8192,
    },
    {
      name: `circuits: ${statement}, proving time, one thread`,
      measured: `${spread(seconds)} s, ${(constraints / median(seconds)).toFixed(0)} constraints/s`,
      goal: 'told',
      met: true,
    },
    {
      name: `circuits: ${statement}, prover's memory`,
      measured: `${peak.toFixed(0)} MB, ${(peak - before).toFixed(0)} more than idle`,
      goal: 'told',
      met: true,
    },
    {
      name: `circuits: ${statement}, proving key, verification key, proof`,
      measured: `${(zkey / 1e6).toFixed(2)} MB, ${
        (vkey / 1e3).toFixed(1)
      } kB, ${item.proof.length} B`,
      goal: '<= 8 MB',
      met: zkey <= 8e6,
    },
    {
      name: `circuits: ${statement}, checking one proof`,
      measured: `${spread(check, 1)} ms`,
      goal: 'told',
      met: true,
    },
  ];
}

/** The same proofs again and again: what checking costs does not hang on what they say. */
async function ofLog(items: readonly ProofItem[]): Promise<Figure[]> {
  const log = Array.from({ length: LOG }, (_, i) => items[i % items.length]!);
  const dearest = Array.from({ length: LOG }, () => items[0]!);
  const wrong = log.with(LOG / 2, { ...log[LOG / 2]!, publics: log[LOG / 2]!.publics.with(0, 1n) });
  const figure = async (name: string, items: readonly ProofItem[], holding = LOG) => {
    const before = cpuUsage();
    const ms = await timed(items, holding);
    const { user, system } = cpuUsage(before);
    return {
      name: `circuits: checking ${LOG} proofs, ${name}`,
      measured: `${(ms / 1000).toFixed(2)} s, of a core ${((user + system) / 1e6).toFixed(2)} s`,
      goal: holding === LOG ? '<= 15 s on 2 cores' : 'told',
      met: holding < LOG || ms <= 15_000,
    };
  };
  return [
    await figure('the statements in turn', log),
    await figure('all sample', dearest),
    await figure('one of them wrong', wrong, LOG - 1),
  ];
}

/** Milliseconds of checking proofs, of which so many hold. */
async function timed(items: readonly ProofItem[], holding = items.length): Promise<number> {
  const began = performance.now();
  const found = (await verifyProofs(items)).filter(Boolean).length;
  if (found !== holding) throw new Error(`${found} proofs hold, not ${holding}`);
  return performance.now() - began;
}
