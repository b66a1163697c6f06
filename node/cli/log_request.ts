import { ncuText } from '../../feeds/base/mod.ts';
import type { RequestLog } from '../gateway/mod.ts';
import type { LogFormat } from '../home/mod.ts';
import type { NodeEvent } from '../control/mod.ts';
import { type LogEntry, renderEntry } from './log_render.ts';
import { type Style, styleOf } from './text.ts';

/** One answered or failed request, whoever asked and whoever answered. */
export interface RequestFields {
  /** A prompt of this machine, work for a peer, or a program at the gateway. */
  via: 'local' | 'peer' | 'gateway';
  /** Key of the peer, id of the API key; null: nobody in particular. */
  who: string | null;
  model: string | null;
  /** Key of who answered. */
  executor: string | null;
  job: string | null;
  promptTokens: number | null;
  outputTokens: number | null;
  firstTokenMs: number | null;
  totalMs: number | null;
  tokensPerSecond: number | null;
  /** What it cost who asked, micro-NCU; null where nothing costs anything, or it is not known. */
  ncu: number | null;
  /** Finish reason, or code of the error. */
  outcome: string;
}

/** Fields that only requests of the gateway have. */
type HttpFields = Pick<RequestLog, 'method' | 'path' | 'status'>;

/** An HTTP request as a line of the log. */
export function gatewayEntry(log: RequestLog, self: string | null): LogEntry {
  const { at, method, path, status, key, ...rest } = log;
  const fields = { via: 'gateway' as const, who: key, method, path, status, ...rest };
  const level = status >= 500 ? 'error' : status >= 400 ? 'warning' : 'info';
  return { at, level, event: 'request', text: requestText(fields, self), fields };
}

/** {@link gatewayEntry} as a line, without its end. */
export function renderRequest(
  log: RequestLog,
  format: LogFormat,
  style: Style = styleOf(false),
): string {
  return renderEntry(gatewayEntry(log, null), format, style);
}

/**
 * A prompt of this machine, or work for a peer, as a line of the log; null for what is not the end
 * of one, or is told by its other end.
 * @param self key of this node
 */
export function jobEntry(event: NodeEvent, self: string | null): LogEntry | null {
  const fields = event.event === 'job-finished' ? workFields(event) : runFields(event);
  if (fields === null || (fields.via === 'peer' && fields.who === self)) return null;
  // Told by the gateway, which knows who asked.
  if (event.via === 'gateway') return null;
  const failed = event.event === 'run-failed' || event.error !== undefined && event.error !== null;
  const level = failed && fields.outcome !== 'CANCELLED' ? 'warning' : 'info';
  const why = failed && typeof event.message === 'string' ? `: ${event.message}` : '';
  const text = `${requestText(fields, self)}${why}`;
  return { at: event.at, level, event: 'request', text, fields: { ...fields } };
}

function workFields(event: NodeEvent): RequestFields {
  const error = event.error as { code?: unknown } | null | undefined;
  return {
    via: 'peer',
    who: text(event.requester),
    model: text(event.model),
    executor: text(event.executor),
    job: text(event.job),
    promptTokens: number(event.promptTokens),
    outputTokens: number(event.tokens),
    firstTokenMs: number(event.firstTokenMs),
    totalMs: number(event.totalMs),
    tokensPerSecond: number(event.tokensPerSecond),
    ncu: number(event.ncu),
    outcome: text(error?.code) ?? text(event.finish) ?? 'ended',
  };
}

function runFields(event: NodeEvent): RequestFields | null {
  if (event.event !== 'run-done' && event.event !== 'run-failed') return null;
  return {
    via: 'local',
    who: null,
    model: text(event.model),
    executor: text(event.executor),
    job: text(event.job),
    promptTokens: number(event.promptTokens),
    outputTokens: number(event.outputTokens),
    firstTokenMs: number(event.firstTokenMs),
    totalMs: number(event.totalMs),
    tokensPerSecond: number(event.tokensPerSecond),
    ncu: number(event.ncu),
    outcome: text(event.finish) ?? text(event.code) ?? 'ended',
  };
}

/** Who, what, by whom, how much, how fast, how it ended. */
function requestText(fields: RequestFields & Partial<HttpFields>, self: string | null): string {
  const { via, who, method, path, status, model, executor } = fields;
  const { promptTokens, outputTokens, firstTokenMs, tokensPerSecond, ncu, outcome } = fields;
  const asked = via === 'local' ? 'here' : `${via} ${who?.slice(0, 8) ?? '-'}`;
  const parts = [
    method === undefined ? null : `${method} ${path?.slice(0, 200)} ${status}`,
    model,
    executor === null || via === 'peer'
      ? null
      : `by ${executor === self ? 'this machine' : executor.slice(0, 8)}`,
    outputTokens === null ? null : `${promptTokens ?? '?'}+${outputTokens} tokens`,
    firstTokenMs === null ? null : `first after ${firstTokenMs.toFixed(0)} ms`,
    tokensPerSecond === null ? null : `${tokensPerSecond.toFixed(1)} tokens/s`,
    ncu === null ? null : `${ncuText(ncu)} NCU`,
    outcome,
  ];
  return `${asked}: ${parts.filter((part) => part !== null).join(', ')}`;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
