import { fit, truncate, widthOf } from './width.ts';

/** What a piece of text means. Colour only repeats what its words say. */
export type Tone = 'plain' | 'dim' | 'bold' | 'good' | 'warn' | 'bad' | 'accent' | 'inverse';

/** A piece of a line. */
export interface Span {
  text: string;
  tone: Tone;
}

/** A line of the screen. */
export type Line = readonly Span[];

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

/** A line of one tone. */
export function line(text = '', tone: Tone = 'plain'): Line {
  return [{ text, tone }];
}

/** Columns that a line takes. */
export function lineWidth(spans: Line): number {
  return spans.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** A line of exactly `width` columns; what is too long ends in `…`. */
export function fitLine(spans: Line, width: number): Line {
  const fitted: Span[] = [];
  let left = width;
  for (const { text, tone } of spans) {
    if (left <= 0) break;
    const cut = truncate(text, left);
    fitted.push({ text: cut, tone });
    left -= widthOf(cut);
    if (cut !== text) break;
  }
  if (left > 0) fitted.push(span(' '.repeat(left)));
  return fitted;
}

/** Two texts at both ends of a line; the right one is cut first. */
export function ends(left: Line, right: Line, width: number): Line {
  const space = width - lineWidth(left) - lineWidth(right);
  if (space >= 1) return [...left, span(' '.repeat(space)), ...right];
  return fitLine(left, width);
}

/** The line's letters alone. */
export function plain(spans: Line): string {
  return spans.map(({ text }) => text).join('');
}

/** SGR codes, on and off, of the 16-colour palette; null: no change. */
const CODES: Record<Tone, readonly [on: number, off: number] | null> = {
  plain: null,
  dim: [2, 22],
  bold: [1, 22],
  good: [32, 39],
  warn: [33, 39],
  bad: [31, 39],
  accent: [36, 39],
  inverse: [7, 27],
};
const COLOURS: ReadonlySet<Tone> = new Set(['good', 'warn', 'bad', 'accent']);

/**
 * A line as a terminal takes it.
 * @param colour false (NO_COLOR): bold, dim and inverse stay, colours go
 */
export function paint(spans: Line, colour: boolean): string {
  let out = '';
  for (const { text, tone } of spans) {
    const code = colour || !COLOURS.has(tone) ? CODES[tone] : null;
    out += code === null || text === '' ? text : `\u001b[${code[0]}m${text}\u001b[${code[1]}m`;
  }
  return out;
}

/** A column of labels and values, the values beside each other. */
export function labelled(rows: readonly (readonly [string, string, Tone?])[]): Line[] {
  const width = Math.max(0, ...rows.map(([label]) => widthOf(label)));
  return rows.map(([label, value, tone]) => [
    span(`${fit(label, width)}  `, 'dim'),
    span(value, tone ?? 'plain'),
  ]);
}
