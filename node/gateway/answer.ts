import type { RunEvent } from '../daemon/mod.ts';

/** The end of one answer. */
export interface AnswerEnd {
  job: string;
  text: string;
  finish: 'stop' | 'length' | 'cancelled';
  promptTokens: number;
  outputTokens: number;
  executor: string | null;
  attempts: number;
  firstTokenMs: number | null;
  totalMs: number;
  tokensPerSecond: number | null;
  /** micro-NCU; null where nothing costs anything. */
  ncu: number | null;
  /** True if a receipt is kept. */
  receipt: boolean;
  warnings: string[];
}

/** What becomes of one answer, as far as clients and logs are concerned. */
export type AnswerEvent =
  | { type: 'route'; job: string; executor: string }
  | { type: 'text'; text: string; tokens: number }
  | { type: 'failover' }
  | { type: 'end'; end: AnswerEnd };

/** Reads an event of a run; null for what says nothing here. */
export function answerEvent(event: RunEvent): AnswerEvent | null {
  const fields = event as unknown as Record<string, never>;
  switch (event.event) {
    case 'route':
      return { type: 'route', job: fields.job!, executor: fields.executor! };
    case 'token': {
      const ids: number[] = fields.ids!;
      return { type: 'text', text: fields.text!, tokens: ids.length };
    }
    case 'failover':
      return { type: 'failover' };
    case 'done':
      return { type: 'end', end: endOf(fields) };
    default:
      return null;
  }
}

function endOf(fields: Record<string, never>): AnswerEnd {
  const finish: string = fields.finish!;
  return {
    job: fields.job!,
    text: fields.text!,
    finish: finish === 'length' || finish === 'cancelled' ? finish : 'stop',
    promptTokens: fields.promptTokens!,
    outputTokens: fields.outputTokens!,
    executor: fields.executor ?? null,
    attempts: fields.attempts!,
    firstTokenMs: fields.firstTokenMs ?? null,
    totalMs: fields.totalMs!,
    tokensPerSecond: fields.tokensPerSecond ?? null,
    ncu: fields.ncu ?? null,
    receipt: (fields.receipt ?? null) !== null,
    warnings: fields.warnings ?? [],
  };
}
