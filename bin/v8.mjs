/** What a node keeps is small, what it drops is much: the collector is not to put it off. Megabytes. */
const LEAN =
  '--v8-flags=--max-semi-space-size=2,--initial-old-space-size=16,--heap-growing-percent=50';
/** A dashboard makes much, and keeps little of it: its heap is small from the start and stays so. */
const STEADY =
  '--v8-flags=--min-semi-space-size=8,--max-semi-space-size=8,--initial-old-space-size=32,' +
  '--heap-growing-percent=50';
/** A replay keeps most of what it makes: what is young is copied seldom. Megabytes. */
const ROOMY = '--v8-flags=--min-semi-space-size=64,--max-semi-space-size=128';

const FLAGS = { up: LEAN, tui: STEADY, audit: ROOMY, verify: ROOMY };

/** V8's flags for a command, as arguments of Deno. */
export function v8For(command) {
  return Object.hasOwn(FLAGS, command) ? [FLAGS[command]] : [];
}
