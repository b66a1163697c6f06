import { asNexusError, counted } from '../../feeds/base/mod.ts';
import { clean } from '../state/mod.ts';
import type { NodeLink } from './link.ts';
import type { Action } from './ui.ts';

/** What an action tells while it is done. */
export interface Telling {
  /** A step, for the message line. */
  says: (text: string) => void;
  /** An event for the fold. */
  event: (event: unknown) => void;
  now: () => number;
}

/**
 * Does what was confirmed; returns what to say about it.
 * @throws {NexusError} what the node answered
 */
export async function perform(
  { method, params, says }: Action,
  link: NodeLink,
  telling: Telling,
  signal: AbortSignal,
): Promise<string> {
  const found: unknown[] = [];
  let unresolved = 0, digest = '';
  const events = link.call(method, params, signal);
  for (;;) {
    const { done, value } = await events.next();
    if (done) {
      if (method === 'audit') {
        telling.event({
          event: 'findings',
          at: telling.now(),
          findings: found,
          unresolved,
          digest,
        });
        const wrong = counted(found.length, 'inconsistency', 'inconsistencies');
        return `replayed: ${wrong}, ${unresolved} unresolved`;
      }
      if (method === 'bond' || method === 'unbond') {
        return `logged: ${says.split(':')[0]}; it counts with the next cut`;
      }
      return `done: ${says}`;
    }
    const event = value as Record<string, unknown>;
    if (method === 'pull') telling.says(pulled(event));
    if (event.event === 'finding') found.push(event);
    if (event.event === 'unresolved') unresolved++;
    if (event.event === 'audit') digest = String(event.digest);
  }
}

function pulled(event: Record<string, unknown>): string {
  const { model, done, total, text } = event;
  const name = clean(model, 60);
  if (typeof done === 'number' && typeof total === 'number' && total > 0) {
    return `pulling ${name}: ${Math.floor(done / total * 100)} %`;
  }
  return clean(text, 200) || `pulling ${name}`;
}

/** A failure in one line: what happened, and what to do. */
export function failureText(thrown: unknown): string {
  const { code, message, hint } = asNexusError(thrown);
  return clean(`${message}${hint === undefined ? '' : ` (${hint})`} ${code}`, 300);
}
