// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;
const utf8 = new TextEncoder();

/** True for text without control and direction-override characters. */
export function isPlainText(text: string): boolean {
  return !UNPRINTABLE.test(text);
}

/** Makes any text fit for a record: NFC, no control characters, at most `max` bytes of UTF-8. */
export function cleanText(value: string, max: number): string {
  let out = '';
  let size = 0;
  for (const char of value.toWellFormed().normalize('NFC')) {
    if (UNPRINTABLE.test(char)) continue;
    size += utf8.encode(char).length;
    if (size > max) break;
    out += char;
  }
  // Dropping a character can bring a base and its accent together.
  return out === out.normalize('NFC') ? out : cleanText(out, max);
}
