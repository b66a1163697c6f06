import { fileURLToPath } from 'node:url';
import t from 'tap';
import { runDeno } from '../lib/deno.ts';

const MODEL = fileURLToPath(new URL('../../models/austen-3.7m-q8_0.gguf', import.meta.url));

// deno-lint-ignore no-explicit-any -- what the driver reports
type Report = any;

const reports = (async (): Promise<Map<string, Report>> => {
  const run = await runDeno('tests/audit/driver.ts', [MODEL, t.testdir()], 120_000);
  if (run.code !== 0) throw new Error(run.stderr);
  const lines = run.stdout.trim().split('\n').map((line) => JSON.parse(line) as Report);
  return new Map(lines.map(({ scenario, result }) => [scenario, result]));
})();

async function scenario(name: string): Promise<Report> {
  const report = (await reports).get(name);
  if (report === undefined) throw new Error(`the driver did not report ${name}`);
  return report;
}

t.test('an honest answer scores bit by bit as it was decoded', async (t) => {
  const { tokens, clean, wrongSeed } = await scenario('honest');
  t.ok(tokens > 20);
  t.equal(clean, true);
  t.ok(wrongSeed > tokens / 4, `${wrongSeed} of ${tokens} with another seed`);
});

t.test("an attempt's own segment is scored at its own positions", async (t) => {
  const { same, clean, positions, from } = await scenario('segment');
  t.equal(same, true);
  t.equal(clean, true);
  t.equal(positions[0], from);
});

t.test('scoring runs beside a decoding answer and changes neither', async (t) => {
  t.same(await scenario('beside'), { answer: true, scores: true });
});

t.test('tokens outside the candidates have their logit', async (t) => {
  for (const { finite, below } of await scenario('outside')) {
    t.equal(finite, true);
    t.equal(below, true);
  }
});

t.test('a calibration by honest weights alone finds the cheats', async (t) => {
  const { honest, wrongSeed, q4, dropped } = await scenario('verdicts');
  t.equal(honest.verdict, 'ok');
  const reasons = (verdict: Report) => verdict.reasons?.map(({ kind }: Report) => kind) ?? [];
  t.equal(wrongSeed.verdict, 'trigger');
  t.ok(reasons(wrongSeed).includes('margins'));
  t.notOk(reasons(wrongSeed).includes('b1'), 'the logits are those of the right weights');
  t.ok(reasons(q4).includes('b1'));
  t.ok(reasons(dropped).includes('b1') && reasons(dropped).includes('margins'));
});
