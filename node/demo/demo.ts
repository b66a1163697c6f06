import { counted, toHex } from '../../feeds/base/mod.ts';
import { verifyReceipt } from '../../feeds/proof/mod.ts';
import { auditLive } from '../daemon/mod.ts';
import { accident } from './accident.ts';
import type { DemoEvent, DemoSummary } from './events.ts';
import { answer, answersAtOnce } from './jobs.ts';
import { type DemoMesh, type DemoNode, withMesh } from './mesh.ts';

/** How a demonstration is to be. */
export interface DemoOptions {
  /** Nodes that work, at least 2: one of them dies. */
  nodes: number;
  /** Path of the Node binary. */
  node: string;
  signal: AbortSignal;
}

/** Jobs for each node in the part where many run at once. */
const JOBS_A_NODE = 2;

/**
 * A mesh at work, with an accident: starts it, asks it, kills a node in mid-answer, and checks
 * afterwards what can be checked. Who reads slowly holds it up: nothing runs ahead.
 * @throws {NexusError} `DEMO_NODE_ENDED`, `DEMO_INCOMPLETE`, and what running a prompt throws
 */
export async function* runDemo(options: DemoOptions): AsyncGenerator<DemoEvent, void, void> {
  const { nodes: count, node, signal } = options;
  const began = performance.now();
  yield { event: 'start', nodes: count };
  yield* withMesh({ count, node, signal }, (mesh) => story(mesh, began, signal));
}

async function* story(
  mesh: DemoMesh,
  began: number,
  signal: AbortSignal,
): AsyncGenerator<DemoEvent, void, void> {
  const { asker } = mesh;
  const nodes: DemoNode[] = [];
  const waiting = new Map(mesh.nodes.map((node, i) => [i, node.then((one) => ({ one, i }))]));
  while (waiting.size > 0) {
    const { one, i } = await Promise.race(waiting.values());
    waiting.delete(i);
    nodes.push(one);
    const { number, key, pids, readyMs } = one;
    yield { event: 'node', number, key, pids, readyMs };
  }
  await mesh.complete();
  yield { event: 'mesh', asker: asker.key, connectedMs: performance.now() - began };

  const many = yield* answersAtOnce(asker, nodes, JOBS_A_NODE * nodes.length, signal);
  const disturbed = yield* accident(asker, nodes, signal);
  const { request, done } = disturbed;

  const undisturbed = await answer(asker, request, signal);
  const sameText = undisturbed.text === done.text;
  yield {
    event: 'check',
    name: 'text',
    ok: sameText,
    detail: sameText
      ? `${done.text.length} characters, as in an undisturbed run with the same seed`
      : 'it differs from an undisturbed run with the same seed',
  };
  const replayed = yield* auditEverything(mesh, signal);
  const receipt = yield* checkReceipt(done.receipt);
  const summary: DemoSummary = {
    ok: sameText && receipt && replayed.findings === 0 && disturbed.gapMs !== null,
    nodes: nodes.length,
    jobs: many.jobs + disturbed.runs + 1,
    tokens: many.tokens + disturbed.tokens + undisturbed.outputTokens,
    tokensPerSecond: many.tokens / (many.ms / 1000),
    failoverMs: disturbed.gapMs,
    sameText,
    ...replayed,
    receipt,
    totalMs: performance.now() - began,
  };
  yield { event: 'demo', ...summary };
}

async function* auditEverything({ asker }: DemoMesh, signal: AbortSignal) {
  const report = await auditLive(await asker.feeds(), [], signal);
  const { entries, logs, findings } = report;
  const first = findings[0];
  yield {
    event: 'check',
    name: 'audit',
    ok: first === undefined,
    detail: first === undefined
      ? `${entries} entries of ${logs.length} logs replayed, no inconsistency`
      : `${
        counted(findings.length, 'inconsistency', 'inconsistencies')
      }, the first: ${first.code}: ${first.detail}`,
  } as const;
  return { entries, findings: findings.length, digest: toHex(report.digest) };
}

/** Checks a receipt, and that the same one with a digit changed is refused. */
async function* checkReceipt(path: string | null) {
  const text = path === null ? '' : await Deno.readTextFile(path);
  const verdict = await verifyReceipt(text);
  const wrong = verdict.checks.find((check) => !check.ok);
  const { ok } = verdict;
  yield {
    event: 'check',
    name: 'receipt',
    ok,
    detail: wrong?.detail ?? `${verdict.checks.length} checks passed, offline`,
  } as const;
  const forged = await verifyReceipt(changeDigit(text));
  const detail = forged.ok ? 'one digit changed: not noticed' : 'one digit changed: refused';
  yield { event: 'check', name: 'forgery', ok: !forged.ok, detail } as const;
  return ok && !forged.ok;
}

/** The text with a digit in its middle changed. */
function changeDigit(text: string): string {
  const at = text.slice(text.length >> 1).search(/\d/) + (text.length >> 1);
  return text.slice(0, at) + (text[at] === '1' ? '2' : '1') + text.slice(at + 1);
}
