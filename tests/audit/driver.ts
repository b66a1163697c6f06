/**
 * Audits real answers of a real model and reports one JSON line a scenario. Usage: driver.ts <model>
 * <scratch folder>
 */
import { dirname } from 'node:path';
import {
  calibrate,
  decodeCalibration,
  DEFAULT_RULES,
  encodeCalibration,
  judge,
  LOOKUP,
  observe,
  rescore,
  type Runner,
  transcribe,
  type Transcript,
} from '../../node/audit/mod.ts';
import { createEngine, type GenerateRequest } from '../../node/engine/mod.ts';
import { makeProfile } from '../../node/models/mod.ts';
import { writeVariant } from '../lib/gguf_variant.ts';

const [model, scratch] = Deno.args as [string, string];
const threads = { single: 1, batch: 1, pad: false };
const roots = [dirname(model), scratch];
await using engine = createEngine({ roots, gpu: false, threads, maxSlots: 2 });

async function load(path: string): Promise<Runner & { topK: number }> {
  const { profile } = await makeProfile(path);
  const files = { weights: path, vocabulary: path };
  const { profileId, class: own } = await engine.load(profile, files, { weights: true });
  return { engine, profileId, class: own, topK: profile.topK };
}

function report(scenario: string, result: unknown): void {
  console.log(JSON.stringify({ scenario, result }));
}

const own = await load(model);
const { topK } = own;
const seed = (byte: number) => new Uint8Array(32).fill(byte);
const chat = (content: string) => engine.tokenizeChat(own.profileId, [{ role: 'user', content }]);
const prompt = await chat('It is a truth universally acknowledged');
const sampling = { tq: 1024, pq: 65_536, maxTokens: 60 };
const request = (changes: Partial<GenerateRequest> = {}): GenerateRequest => ({
  profileId: own.profileId,
  prompt,
  prefix: [],
  seed: seed(1),
  sampling,
  stops: [],
  ...changes,
});
const scored = (transcript: Transcript) => rescore(engine, transcript, own.profileId, LOOKUP);
const audit = async (transcript: Transcript, claimed = seed(1)) =>
  observe(transcript, await scored(transcript), claimed, { ...sampling, topK });

const honest = await transcribe(engine, request());
const observations = await audit(honest);
report('honest', {
  tokens: honest.output.length,
  clean: observations.every(({ soft, hard, mismatch, b1 }) =>
    soft === 0 && hard === 0 && mismatch === false && b1 === 0
  ),
  wrongSeed: (await audit(honest, seed(2))).filter(({ mismatch }) => mismatch).length,
});

const cut = honest.output.length >> 1, prefix = honest.output.slice(0, cut);
const rest = await transcribe(engine, request({ prefix }));
report('segment', {
  same: [...prefix, ...rest.output].join() === honest.output.join(),
  positions: (await audit(rest)).map(({ position }) => position),
  from: cut,
  clean: (await audit(rest)).every(({ mismatch, b1 }) => mismatch === false && b1 === 0),
});

const other = await chat('Tell me more of the weather');
const beside = request({ prompt: other, sampling: { ...sampling, maxTokens: 150 } });
const alone = await transcribe(engine, beside);
const before = await scored(honest);
const [together, after] = await Promise.all([transcribe(engine, beside), scored(honest)]);
report('beside', {
  answer: together.output.join() === alone.output.join() &&
    together.bytes.join() === alone.bytes.join(),
  scores: JSON.stringify(after) === JSON.stringify(before),
});

// Tokens that have nothing to do with the text are hardly ever candidates.
const strange = { ...honest, output: honest.output.map((id) => (id + 997) % 2048) };
report(
  'outside',
  (await scored(strange)).map(({ id, ids, logits, logit }) => ({
    finite: Number.isFinite(logit),
    below: ids.includes(id) || logit <= logits.at(-1)!,
  })),
);

const jobs = await Promise.all(
  Array.from({ length: 36 }, async (_, i) => ({
    stratum: 'ordinary',
    prompt: await chat(`Chapter ${i}. The ${i % 3 === 0 ? 'captain' : 'lady'} said`),
    sampling: { ...sampling, maxTokens: 24, tq: i % 2 === 0 ? 717 : 1024 },
  })),
);
const calibration = decodeCalibration(encodeCalibration(
  await calibrate({ executor: own, auditor: own, topK, jobs, deltaPpm: 1000, seed: seed(9) }),
));
const rules = { ...DEFAULT_RULES, alpha: 0.05 };
const verdict = async (transcript: Transcript, claimed = seed(1)) => {
  const seen = await audit(transcript, claimed);
  return judge({
    contradictions: [],
    observations: seen,
    // Decided by the statistics alone.
    exact: false,
    calibration,
    carried: null,
    process: null,
    rules,
  });
};
const q4 = `${scratch}/q4.gguf`, dropped = `${scratch}/dropped.gguf`;
await writeVariant(model, q4, { q4: true });
await writeVariant(model, dropped, { drop: [2] });
const by = async (path: string) =>
  await transcribe(engine, request({ profileId: (await load(path)).profileId }));
report('verdicts', {
  honest: await verdict(honest),
  wrongSeed: await verdict(honest, seed(2)),
  q4: await verdict(await by(q4)),
  dropped: await verdict(await by(dropped)),
});
