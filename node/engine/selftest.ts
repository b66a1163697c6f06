import { type LayeredModel, MAX_ROWS, type Session, type TopLogits } from './backend.ts';
import type { SelfTestResult } from './types.ts';

/** Rows that are decoded one by one and then evaluated together. */
const PROBE = 12;

/** The result without the class, which the model does not know. */
type Comparison = Omit<SelfTestResult, 'class'>;

export interface SelfTestOptions {
  contextSize: number;
  vocabularySize: number;
  budgetMs: number;
  now: () => number;
  /** True when the test is to give up, because somebody waits. */
  awaited: () => boolean;
}

/**
 * Evaluates the same tokens one by one, in chunks, alone, beside another session and with that
 * session joining in the middle, over short, longer and nearly full caches, and compares all bits.
 * Takes the first two sessions and leaves them empty.
 */
export async function selfTest(
  model: LayeredModel,
  options: SelfTestOptions,
): Promise<Comparison> {
  const { contextSize, vocabularySize, budgetMs, now, awaited } = options;
  const deadline = now() + budgetMs;
  const over = () => now() > deadline || awaited();
  if (model.sessions.length < 2) await model.grow(1);
  const [a, b] = model.sessions as [Session, Session];
  const full = contextSize - PROBE - 2;
  const lengths = [...new Set([300, 600, full].filter((n) => n > 0 && n <= full))];
  const token = (i: number) => (i * 7919 + 13) % vocabularySize;
  const tokens = Array.from({ length: contextSize }, (_, i) => token(i));
  const result: Comparison = { passed: null, compared: 0, different: 0, lengths: [] };
  const one = async (session: Session, at: number) =>
    (await model.step([{ session, tokens: [tokens[at]!], logits: 'last' }]))[0]![0]!;

  try {
    await a.rewind(0);
    await b.rewind(0);
    for (const length of lengths) {
      while (a.position < length) {
        if (over()) return result;
        const chunk = tokens.slice(a.position, Math.min(length, a.position + MAX_ROWS));
        await model.step([{ session: a, tokens: chunk, logits: 'none' }]);
      }
      const alone: TopLogits[] = [];
      for (let i = 0; i < PROBE; i++) alone.push(await one(a, length + i));

      const compare = (other: readonly TopLogits[]) => {
        other.forEach((top, i) => {
          result.compared++;
          if (!equalBits(top, alone[i]!)) result.different++;
        });
      };
      const probe = tokens.slice(length, length + PROBE);
      await a.rewind(length);
      compare((await model.step([{ session: a, tokens: probe, logits: 'all' }]))[0]!);

      // Beside another session: first its prompt in the same batches, then its decoding.
      await a.rewind(length);
      await b.rewind(0);
      const beside: TopLogits[] = [];
      for (let i = 0; i < PROBE; i++) {
        const rows = i < 4 ? 0 : i < 8 ? 20 : 1;
        const parts = [{ session: a, tokens: [tokens[length + i]!], logits: 'last' as const }];
        if (rows > 0) {
          const tokensOfB = tokens.slice(b.position + 1, b.position + 1 + rows);
          parts.push({ session: b, tokens: tokensOfB, logits: 'last' });
        }
        beside.push((await model.step(parts))[0]![0]!);
        if (over()) return result;
      }
      compare(beside);
      await a.rewind(length);
      result.lengths.push(length);
    }
    result.passed = result.different === 0;
    return result;
  } finally {
    await a.rewind(0);
    await b.rewind(0);
  }
}

function equalBits(a: TopLogits, b: TopLogits): boolean {
  return a.ids.length === b.ids.length &&
    a.ids.every((id, i) => id === b.ids[i] && Object.is(a.logits[i], b.logits[i]));
}
