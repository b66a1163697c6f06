import type { Output } from './output.ts';
import { Wrap } from './wrap.ts';

/** What a check came to, as receipts and evidence tell it. */
interface Check {
  name: string;
  /** Null: it could not be looked at. */
  ok: boolean | null;
  detail: string;
}

/** The checks, and what follows from them where all of them passed; or would, where some are open. */
interface Words {
  ok: boolean | null;
  checks: readonly Check[];
  establishes: readonly string[];
  doesNotEstablish: readonly string[];
}

export async function showCheck(out: Output, { name, ok, detail }: Check): Promise<void> {
  const { green, red, yellow } = out.resultStyle;
  const mark = ok === null ? yellow('open  ') : ok ? green('ok    ') : red('FAILED');
  await out.result(`${mark} ${name}: ${detail}`);
}

export async function showWords(out: Output, words: Words): Promise<void> {
  for (const check of words.checks) await showCheck(out, check);
  if (words.ok === false) return;
  const head = words.ok === null ? 'If what is open holds, this establishes:' : 'This establishes:';
  await list(out, head, words.establishes);
  await list(out, 'It does not establish:', words.doesNotEstablish);
}

export async function showVerdict(out: Output, ok: boolean, what: string): Promise<void> {
  const { green, red } = out.resultStyle;
  await out.result(ok ? green(`${what} holds`) : red(`${what} does not hold`));
}

async function list(out: Output, head: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await out.result(head);
  for (const line of lines) {
    // Only a terminal has a width: a pipe gets a line each.
    if (out.columns === Infinity) await out.result(`  - ${line}`);
    else {
      const wrap = new Wrap(out.columns, '    ');
      const text = wrap.push(`${line}\n`) + wrap.flush();
      await out.result(`  - ${text.trim()}`);
    }
  }
}
