/**
 * What no cell may hold: control characters, direction marks and overrides, invisible characters,
 * and what terminals do not agree on how wide it makes a cell (joiners, variation selectors, skin
 * tones, tags). Lone surrogates too.
 */
const UNSAFE =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\u{1f3fb}-\u{1f3ff}\u{e0000}-\u{e0fff}\p{Cs}]/gu;
/** More marks on one letter than any script needs. */
const HEAP = /(\p{M}{2})\p{M}+/gu;
const ASCII = /^[\x20-\x7e]*$/;

/**
 * Text of somebody else for one line of a terminal: printable, one line, at most `max` characters,
 * and of the same width on every terminal. Anything but a string becomes empty.
 */
export function clean(value: unknown, max = 200): string {
  if (typeof value !== 'string') return '';
  const text = value.length > max * 4 ? value.slice(0, max * 4) : value;
  if (ASCII.test(text)) return text.slice(0, max);
  const plain = text.replace(/[\t\r\n]+/g, ' ').normalize('NFC').replace(UNSAFE, '');
  return [...plain.replace(HEAP, '$1')].slice(0, max).join('');
}

/** {@link clean} for text of several lines; line feeds stay. */
export function cleanLines(value: string, max = 16_384): string {
  return value.slice(0, max).split(/\r?\n/).map((line) => clean(line, max)).join('\n');
}
