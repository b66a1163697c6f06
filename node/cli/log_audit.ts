import { cleanText } from '../../feeds/base/mod.ts';
import type { NodeEvent } from '../control/mod.ts';
import { short } from './answer.ts';
import type { LogLevel } from './log_render.ts';

/** Bytes of others' words in one line. */
const MAX_WORDS = 200;

/** What of the network's audits is worth a line to a node's owner; null where nothing is. */
export function auditSaid(event: NodeEvent, self: string | null): [LogLevel, string] | null {
  const { executor, auditor, own, mine, finding } = event;
  const who = short(executor), words = cleanText(String(event.detail ?? ''), MAX_WORDS);
  const isOurs = executor === self;
  switch (event.event) {
    case 'cheat-proven':
      return event.cause === 'contradiction'
        ? ['warning', `${who} contradicts what it signed itself: ${words}`]
        : ['warning', `${who} is proven a cheat: ${words}`];
    case 'audit-verdict':
      if (finding !== 'trigger' && finding !== 'fraud') return null;
      if (own) return ['info', `an answer of ${who} does not hold: ${words}`];
      if (mine) {
        return ['warning', `${short(auditor)}: the answer of ${who} does not hold: ${words}`];
      }
      return isOurs
        ? ['warning', `${short(auditor)}: an answer of this node does not hold: ${words}`]
        : null;
    case 'audit-withheld':
      return isOurs
        ? ['warning', `an answer of this node was not opened to ${short(auditor)} in time`]
        : null;
    case 'canary': {
      const wrong: unknown[] = Array.isArray(event.wrong) ? event.wrong : [];
      const what = event.honest === true ? 'an honest job' : 'a fraud';
      if (self !== null && wrong.includes(self)) {
        return ['warning', `${short(event.author)} planted ${what}: this node judged it wrongly`];
      }
      return mine ? ['info', `${what} was planted: ${wrong.length} judged it wrongly`] : null;
    }
    case 'proof-failed':
      return ['warning', `an answer of this node cannot be proven: ${words}`];
    case 'proof-missing':
      return isOurs ? ['warning', 'a proof of this node did not come in time'] : null;
    case 'proof-refused':
      return ['warning', `a proof of ${who} does not hold: ${words}`];
    case 'audit-missed':
      return own ? ['warning', `this node did not audit an answer of ${who} in time`] : null;
    default:
      return null;
  }
}
