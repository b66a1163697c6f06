import { toHex } from '../../feeds/base/mod.ts';
import { cleanText, profileToJson } from '../../feeds/records/mod.ts';
import { memoryNeed } from './memory.ts';
import type { Model } from './model.ts';
import { formatBytes, progressBar, progressLine, type ProgressView } from './progress.ts';
import type { PullNote } from './pull.ts';

const STATES = { ready: 'here', absent: 'not fetched', damaged: 'damaged' } as const;

/** The rows of `nexus models`, the head first. */
export function modelRows(models: readonly Model[]): string[][] {
  const rows = models.map((model) => [
    model.entry.name,
    model.id.slice(0, 12),
    formatBytes(model.entry.profile.size),
    model.entry.profile.quantisation,
    model.embedded ? 'built in' : STATES[model.state],
    shown(model.entry.about || model.entry.title, 200),
  ]);
  return [['NAME', 'ID', 'SIZE', 'QUANT', 'STATE', 'ABOUT'], ...rows];
}

/** What `nexus models show` prints. */
export function renderModel(model: Model): string {
  const { entry, embedded, state, path } = model;
  const { profile } = entry;
  const need = memoryNeed(entry);
  const lines: [string, string][] = [
    ['name', entry.name],
    ['title', shown(entry.title, 200)],
    ['profile', model.id],
    ['state', embedded ? 'built in' : STATES[state]],
    ['file', path ?? '-'],
    ['sha256', toHex(profile.file)],
    ['size', `${formatBytes(profile.size)} (${profile.size} bytes)`],
    ['weights', entry.parameters > 0 ? `${(entry.parameters / 1e6).toFixed(1)} million` : '-'],
    ['architecture', shown(profile.architecture, 64)],
    ['quantisation', shown(profile.quantisation, 64)],
    ['context', `${profile.contextSize} tokens`],
    ['memory', `about ${formatBytes(need.total)} for one session`],
    ['sampler', `${shown(profile.sampler, 64)}, top ${profile.topK}`],
    ['vocabulary', toHex(profile.vocabulary)],
    ['licence', entry.licence ?? '-'],
    ['sources', [entry.sources.hub, entry.sources.wheel?.requirement].filter(Boolean).join(', ')],
  ];
  return lines.map(([key, value]) => `${key.padEnd(13)} ${value || '-'}\n`).join('');
}

/** The form of `--json`: one object a model. */
export function modelToJson(model: Model): Record<string, unknown> {
  const { entry, id, state, embedded, known, path } = model;
  const { profile, weights: _, ...rest } = entry;
  return { ...rest, id, state, embedded, known, path, profile: profileToJson(profile) };
}

/** One line for people; null for what needs none. */
export function renderNote(name: string, note: PullNote): string | null {
  switch (note.type) {
    case 'waiting':
      return `another process is fetching ${name}: waiting for it`;
    case 'source':
      return `fetching ${name} from ${note.source}`;
    case 'failed':
      return note.error.code === 'MODEL_ABSENT' || note.error.code === 'MODEL_NO_PEERS'
        ? null
        : `${note.source}: ${shown(note.error.message, 500)}`;
    case 'checking':
      return `checking ${name}`;
  }
}

/**
 * Turns progress into what a terminal or a log gets.
 * @param terminal false: whole lines, one every 10 % or, while that takes longer, every 10 s
 * @returns text to write as it is, or null for nothing
 */
export function progressWriter(
  label: string,
  terminal: boolean,
): (view: ProgressView, at: number, columns: number) => string | null {
  let lastAt = -Infinity;
  let lastTenth = -1;
  return (view, at, columns) => {
    const tenth = view.total > 0 ? Math.floor((10 * view.done) / view.total) : 0;
    const ended = view.total > 0 && view.done >= view.total && lastTenth < 10;
    if (terminal) {
      if (at - lastAt < 100 && !ended) return null;
      [lastAt, lastTenth] = [at, tenth];
      return `\r\x1b[K${progressBar(label, view, columns)}`;
    }
    const due = tenth > lastTenth ? at - lastAt >= 2000 : at - lastAt >= 10_000;
    if (!due && !ended) return null;
    [lastAt, lastTenth] = [at, tenth];
    return `${progressLine(label, view)}\n`;
  };
}

function shown(text: string, max: number): string {
  return cleanText(text, max);
}
