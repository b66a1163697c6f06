/**
 * The command line: how commands are declared, parsed, explained and ended.
 * @module
 */
export { main } from './main.ts';
export { parseCommandLine, type ParsedArgs, type Syntax } from './args.ts';
export { exitOf, Interrupted } from './exit.ts';
export { helpOf, overview } from './help.ts';
export { describe, Output, type OutputOptions, type Sink } from './output.ts';
export {
  type ActionSpec,
  type CommandSpec,
  type Flags,
  type FlagSpec,
  type FlagValues,
  type Invocation,
  type PositionalSpec,
} from './spec.ts';
export { COMMANDS } from './table.ts';
export { table } from './columns.ts';
export { entryOf } from './log_event.ts';
export { type LogEntry, type LogLevel, renderEntry } from './log_render.ts';
export { jobEntry, renderRequest } from './log_request.ts';
export { NodeLog, type NodeLogOptions } from './node_log.ts';
export { oneLine, printable, type Style, styleOf, wantsColor } from './text.ts';
