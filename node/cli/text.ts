const UNSAFE =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Text of a peer or a model made safe for a terminal: line feeds and tabs stay, other control
 * characters (escape sequences, carriage returns) and direction overrides go.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, '');
}

/** {@link printable} of text that bears our styles: colours stay, which can do no harm. */
export function styled(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.split(/(\u001b\[\d{1,2}m)/).map((part, i) => i % 2 ? part : printable(part)).join('');
}

/** {@link printable} on one line. */
export function oneLine(text: string): string {
  return printable(text.replace(/[\r\n\t]+/g, ' ')).trim();
}

/** Styles for a terminal; each returns its text unchanged where colour is not wanted. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

/** Styles by SGR sequences, or none. */
export function styleOf(color: boolean): Style {
  const sgr = (on: number, off: number) => (text: string) =>
    color ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    red: sgr(31, 39),
    green: sgr(32, 39),
    yellow: sgr(33, 39),
  };
}

/** True if a stream may be coloured (https://no-color.org, FORCE_COLOR, `TERM=dumb`). */
export function wantsColor(env: Record<string, string | undefined>, terminal: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return terminal && env.TERM !== 'dumb';
}
