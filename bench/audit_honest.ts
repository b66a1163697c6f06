/**
 * Honest audits in any number, one after the other, each with a prompt and a seed of its own; goes
 * on where it was stopped.
 *
 * `nice -n 19 deno run -A bench/audit_honest.ts <model.gguf> <jobs> <file>`
 *
 * Each job is a line: class, kind of prompt, cells of statistic A and of B1 (a digit each a token),
 * tokens that the auditor would have drawn otherwise, tokens above the hard margin. `bench -- audit`
 * reads the file that `NEXUS_BENCH_HONEST` names and counts.
 */
import { appendFile, readFile } from 'node:fs/promises';
import { taggedHash } from '../feeds/base/mod.ts';
import {
  b1Cell,
  DEFAULT_RULES,
  LOGIT_SCORE_UNIT,
  LOOKUP,
  marginCell,
  observe,
  rescore,
  transcribe,
} from '../node/audit/mod.ts';
import { randomOf } from '../tests/lib/random.ts';
import { asked, type Kind, KINDS, reportPrompt } from './audit_prompts.ts';
import type { Answer } from './audit_figures.ts';
import { auditWorld } from './audit_world.ts';

/** An honest answer as it was audited. */
export interface HonestAnswer extends Answer {
  kind: Kind;
}

/** Output tokens of a job, at most, and sentences of a long prompt. */
const TOKENS = 64, LONG = 12;

/** @param exact only those of the exact class, or between two classes */
export async function readHonest(path: string, exact: boolean): Promise<HonestAnswer[]> {
  const digits = (cells: string) => Array.from(cells, (digit) => parseInt(digit, 16));
  const wanted = exact ? 'exact' : 'two';
  return (await linesOf(path)).map((line) => line.split(' ') as string[])
    .filter(([which]) => which === wanted)
    .map(([, kind, margins, cells, mismatches, far]) => {
      const b1 = digits(cells!);
      // Which tokens they are is not kept, only that there are some.
      const differs = b1.map((cell, i) => cell > 0 || i < Number(mismatches));
      return { kind: kind as Kind, margins: digits(margins!), b1, differs, far: Number(far) };
    });
}

/** Whole lines: the last one may have been cut off. */
async function linesOf(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8');
  return text.slice(0, text.lastIndexOf('\n') + 1).split('\n').slice(0, -1);
}

/** Every second job between two classes; a fifth with top-p, a tenth greedy. */
async function measure(model: string, count: number, path: string): Promise<void> {
  const done = (await linesOf(path).catch(() => [])).length;
  await using world = await auditWorld(model, { maxTokens: TOKENS, long: LONG });
  const { engine, topK } = world;
  const auditor = await world.runner('own', true), other = await world.runner('own', false);
  for (let i = done; i < count; i++) {
    const random = randomOf(1_000_003 + i);
    const exact = i % 2 === 0, job = i >> 1;
    const kind = KINDS[job % 3]!;
    const seed = taggedHash('nexus/bench-honest/1', new TextEncoder().encode(String(i)));
    const executor = exact ? auditor : other;
    const content = reportPrompt(kind, random, LONG);
    const sampling = {
      tq: job % 10 === 9 ? 0 : job % 4 < 2 ? 717 : 1024,
      pq: job % 5 === 4 ? 62_259 : 65_536,
      maxTokens: TOKENS,
    };
    const transcript = await transcribe(engine, {
      profileId: executor.profileId,
      prompt: await engine.tokenizeChat(auditor.profileId, asked(content)),
      prefix: [],
      seed,
      sampling,
      stops: [],
    });
    const scored = await rescore(engine, transcript, auditor.profileId, LOOKUP);
    const seen = observe(transcript, scored, seed, { ...sampling, topK });
    const cells = (cell: (one: typeof seen[number]) => number) =>
      seen.map((one) => cell(one).toString(16)).join('');
    const far = DEFAULT_RULES.hardMargin * LOGIT_SCORE_UNIT;
    const line = [
      exact ? 'exact' : 'two',
      kind,
      cells(({ soft }) => marginCell(soft)),
      cells(({ b1 }) => b1Cell(b1)),
      seen.filter(({ mismatch }) => mismatch === true).length,
      seen.filter(({ soft }) => soft > far).length,
    ];
    await appendFile(path, line.join(' ') + '\n');
    if ((i + 1) % 100 === 0) console.error(`${i + 1} of ${count}`);
  }
}

if (import.meta.main) {
  const [model, count, path] = Deno.args;
  if (path === undefined) {
    console.error('audit_honest.ts <model.gguf> <jobs> <file>');
    Deno.exit(2);
  }
  await measure(model!, Number(count), path);
  Deno.exit(0);
}
