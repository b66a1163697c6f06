import { type CommandSpec, COMMON_FLAGS, type FlagSpec, type PositionalSpec } from './spec.ts';
import { COMMANDS } from './table.ts';
import { Wrap } from './wrap.ts';

/** Columns that every terminal has. */
const WIDTH = 80;
/** A first column of two, at most. */
const MAX_LEFT = 36;

/** The page that `nexus` alone shows: all of it fits on the smallest screen, below the prompt. */
export function overview(): string {
  const usual = COMMANDS.filter(({ group }) => group !== 'more');
  const rows = usual.map(({ name, summary, group }, i): [string, string] => {
    const label = group === usual[i - 1]?.group ? '' : group;
    return [`${label.padEnd(10)}${name}`, summary];
  });
  const rare = COMMANDS.filter(({ group }) => group === 'more').map(({ name }) => name);
  return [
    'Nexus: machines lend each other language-model inference, logged and replayable.\n',
    columns(rows, ''),
    columns([['more    ', rare.join(', ')]], ''),
    'usage: nexus <command> [flags]; nexus <command> --help tells more, with examples',
  ].join('\n');
}

/** The help page of one command. */
export function helpOf(command: CommandSpec): string {
  const { name, summary, description, actions, flags, examples } = command;
  const usage = actions === undefined
    ? [`nexus ${name}${shape(command.positionals)} [flags]`]
    : actions.map((action) => `nexus ${name} ${action.name}${shape(action.positionals)}`);
  const sections = [
    `nexus ${name}: ${summary}`,
    ...(description === undefined ? [] : [paragraph(description)]),
    `usage: ${usage.join('\n       ')}`,
  ];
  if (actions !== undefined) {
    sections.push(`actions\n${columns(actions.map((one) => [one.name, one.summary]))}`);
  }
  const taken = [command, ...actions ?? []].flatMap((one) => one.positionals ?? []);
  const named = new Map(taken.map((one): [string, string] => [`<${one.name}>`, one.help]));
  if (named.size > 0) sections.push(`arguments\n${columns([...named])}`);
  const all = Object.entries<FlagSpec>({ ...flags, ...COMMON_FLAGS });
  sections.push(`flags\n${columns(all.map(flagRow))}`);
  sections.push(
    `examples\n${columns(examples.map((one) => [one.command, one.does]), '  ')}`,
  );
  return sections.join('\n\n');
}

function flagRow([name, spec]: [string, FlagSpec]): [string, string] {
  const value = spec.type === 'boolean'
    ? ''
    : ` <${spec.choices?.join('|') ?? spec.value ?? 'value'}>`;
  const notes = [
    spec.type === 'list' ? 'may be repeated' : '',
    spec.env === undefined ? '' : `or ${spec.env}`,
  ].filter((note) => note !== '');
  const short = spec.short === undefined ? '    ' : `-${spec.short}, `;
  const help = notes.length > 0 ? `${spec.help} (${notes.join('; ')})` : spec.help;
  return [`${short}--${name}${value}`, help];
}

function shape(positionals: readonly PositionalSpec[] = []): string {
  return positionals.map(({ name, required, many }) => {
    const text = many ? `${name}…` : name;
    return required ? ` <${text}>` : ` [${text}]`;
  }).join('');
}

function paragraph(text: string, width = WIDTH): string {
  const wrap = new Wrap(width, '');
  return wrap.push(text.replaceAll('\n', ' ')) + wrap.flush();
}

/** Two columns in {@link WIDTH}; a first one that is too long gets a line of its own. */
function columns(rows: readonly (readonly [string, string])[], indent = '  '): string {
  const fitting = rows.map(([left]) => left.length).filter((length) => length <= MAX_LEFT);
  const width = Math.max(0, ...fitting);
  const pad = ' '.repeat(indent.length + width + 2);
  return rows.map(([left, right]) => {
    const lines = paragraph(right, WIDTH - pad.length).replaceAll('\n', `\n${pad}`);
    return left.length <= width
      ? `${indent}${left.padEnd(width)}  ${lines}`
      : `${indent}${left}\n${pad}${lines}`;
  }).join('\n');
}
