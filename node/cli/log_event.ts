import type { NodeEvent, VerdictRow } from '../control/mod.ts';
import { NexusError } from '../../feeds/base/mod.ts';
import { type PullNote, renderNote } from '../models/mod.ts';
import { short } from './answer.ts';
import type { LogEntry, LogLevel } from './log_render.ts';
import { auditSaid } from './log_audit.ts';
import { ledgerSaid } from './log_ledger.ts';
import { printSaid } from './log_print.ts';
import { jobEntry } from './log_request.ts';
import { verdictText } from './verdict.ts';

/** An event of the node as a line of its log; what is only for the curious has level `debug`. */
export function entryOf(event: NodeEvent, self: string | null): LogEntry {
  const { event: name, at, ...fields } = event;
  const ended = jobEntry(event, self);
  if (ended !== null) return ended;
  const [level, text] = auditSaid(event, self) ?? ledgerSaid(event, self) ??
    printSaid(event, self) ?? said(event) ??
    ['debug', `${name} ${JSON.stringify(fields)}`];
  return { at, level, event: name, text, fields };
}

function said(event: NodeEvent): [LogLevel, string] | null {
  switch (event.event) {
    case 'model':
      return modelSaid(event);
    case 'peer':
      return ['info', `${short(event.key)} connected (${event.transport})`];
    case 'peer-lost':
      return ['info', `${short(event.key)} left: ${event.reason}`];
    case 'refused':
      return [
        'info',
        event.byUs
          ? `${short(event.peer)} was refused: ${event.message}`
          : `${short(event.peer)} refused us: ${event.message}`,
      ];
    case 'unreachable':
      return ['warning', `unreachable: ${event.message}${hintOf(event)}`];
    case 'job-refused': {
      const { message } = NexusError.fromJSON(event.error);
      return ['info', `an offer of ${short(event.requester)} was refused: ${message}`];
    }
    case 'engine-lost':
      return [
        'warning',
        `the engine was lost (${event.reason}); it restarts in ${event.restartMs} ms`,
      ];
    case 'feeds':
      return ['info', `feeds service ${event.state}: ${event.detail}`];
    case 'misconduct':
      return ['warning', `misconduct: ${event.kind} in ${short(event.core)}: ${event.detail}`];
    case 'distrusted':
      return ['warning', `${short(event.key)} is asked no more: ${event.detail}`];
    case 'run-verdict':
      return ['info', verdictText(event as unknown as VerdictRow)];
    case 'check-done':
      return [
        'info',
        `checked an answer of ${short(event.executor)} for ${short(event.requester)}: ` +
        `${event.finding}, ${event.positions} tokens`,
      ];
    case 'cut-stalled':
      return ['warning', stallSaid(event)];
    case 'resumed':
      return ['info', `going on from cut ${event.epoch}: those before it are not read again`];
    case 'equivocation':
      return [
        'warning',
        `witness ${short(event.witness)} signed two ${event.kind}s in epoch ${event.epoch}`,
      ];
    case 'error':
      // After each update of the program: nobody has to do anything.
      if (event.code === 'SNAPSHOT_OTHER_VERSION') return ['info', `${event.message}`];
      return ['error', `error: ${event.message}${hintOf(event)}`];
    case 'lagged':
      return ['warning', `the log fell behind: ${event.lost} events are not in it`];
    default:
      return null;
  }
}

function modelSaid(event: NodeEvent): [LogLevel, string] | null {
  if (event.type === 'fallback') {
    const { message } = NexusError.fromJSON(event.error);
    return ['warning', `${message}; going on with the embedded model ${event.model}`];
  }
  const text = event.type === 'progress'
    ? null
    : renderNote(String(event.model), event.note as PullNote);
  return text === null ? null : ['info', text];
}

function stallSaid({ epoch, heard, needed, missing }: NodeEvent): string {
  const keys = missing as string[];
  const some = keys.slice(0, 8).map(short).join(', ') + (keys.length > 8 ? ', …' : '');
  const whom = keys.length === 0 ? 'all have voted, and not alike' : `nothing from ${some}`;
  return `no cut of epoch ${epoch}: votes of weight ${heard}, it takes ${needed}; ${whom}`;
}

function hintOf({ hint }: NodeEvent): string {
  return hint ? ` (${hint})` : '';
}
