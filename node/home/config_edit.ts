import { applyEdits, type Edit, findNodeAtLocation, type Node } from 'jsonc-parser';
import { quickParse } from './config_text.ts';
import { propertiesOf, treeOf } from './config_tree.ts';
import { type Config, CONFIG_KEYS, type ConfigKey, SETTINGS, settingText } from './schema.ts';

/** Some settings; undefined takes one out. */
export type ConfigChange = { [K in ConfigKey]?: Config[K] | undefined };

const HEAD =
  `// Settings of this node. A flag beats a variable, which beats this file, which beats the default.
// Comments stay when nexus changes this file. What is in force, and by whom: nexus config
{
`;

/** A whole config file: each setting explained, those that are not set commented out. */
export function printConfig(config: Config): string {
  const parts = CONFIG_KEYS.map((key) => {
    const { help, fallback, otherwise, variable, example } = SETTINGS[key];
    const value = config[key];
    const usual = otherwise ?? (settingText(fallback) || 'none');
    const line = `"${key}": ${json(value ?? example)},`;
    return `  // ${help} (default: ${usual}; ${variable})\n  ${
      value === undefined ? '// ' : ''
    }${line}\n`;
  });
  return `${HEAD}${parts.join('\n')}}\n`;
}

/** Changes settings in the text of a valid config file; all else in it stays, comments included. */
export function editConfig(text: string, change: ConfigChange): string {
  let edited = text;
  for (const [key, value] of Object.entries(change) as [ConfigKey, unknown][]) {
    edited = value === undefined ? without(edited, key) : withValue(edited, key, value);
  }
  return edited;
}

function withValue(text: string, key: ConfigKey, value: unknown): string {
  const tree = treeOf(text)!;
  const old = findNodeAtLocation(tree, [key]);
  if (old !== undefined) {
    return applyEdits(text, [{ offset: old.offset, length: old.length, content: json(value) }]);
  }
  const revived = text.replace(commentedOut(key), (_, indent, rest) => {
    return `${indent}"${key}": ${json(value)},${rest}`;
  });
  if (revived !== text && gives(revived, key, value)) return revived;
  return applyEdits(text, appended(text, tree, `"${key}": ${json(value)}`));
}

/** The line where a setting was commented out: there a person looks for it. */
function commentedOut(key: ConfigKey): RegExp {
  const value = String.raw`(?:"(?:[^"\\\n]|\\.)*"|\[[^\]\n]*\]|[^\s,"\[]+)`;
  const rest = String.raw`((?:[ \t]*(?://|/\*).*|[ \t\r]*)$)`;
  return new RegExp(String.raw`^([ \t]*)//[ \t]*"${key}"[ \t]*:[ \t]*${value}[ \t]*,?${rest}`, 'm');
}

function without(text: string, key: ConfigKey): string {
  const property = findNodeAtLocation(treeOf(text)!, [key])?.parent;
  if (property === undefined) return text;
  const { offset, length } = property;
  const end = offset + length;
  const gap = /^(?:\s|\/\*[^]*?\*\/|\/\/[^\n]*\n)*,/.exec(text.slice(end))?.[0].length;
  const after = gap === undefined ? end : end + gap;
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const own = text.slice(offset, end);
  const alone = before.trim() === '' && !own.includes('\n') && (gap ?? 1) === 1 &&
    /^[ \t]*(?:\r?\n|$|\/\/)/.test(text.slice(after));
  // A value that was alone on its line stays to be seen, and can be revived.
  const edits: Edit[] = [{ offset, length, content: alone ? `// ${own},` : '' }];
  if (gap !== undefined) edits.push({ offset: after - 1, length: 1, content: '' });
  return applyEdits(text, edits);
}

/** A property behind the last one; a comment behind that one stays with it. */
function appended(text: string, tree: Node, property: string): Edit[] {
  const close = tree.offset + tree.length - 1;
  const last = propertiesOf(tree).at(-1);
  const edits: Edit[] = [];
  if (last !== undefined) {
    const end = last.offset + last.length;
    const gap = text.slice(end, close).replace(/\/\/[^\n\r]*|\/\*[^]*?\*\//g, '');
    if (!gap.includes(',')) edits.push({ offset: end, length: 0, content: ',' });
  }
  const before = text.slice(0, close);
  const indent = /^[ \t]*/.exec(before.slice(before.lastIndexOf('\n') + 1))![0];
  const opens = before.endsWith(`\n${indent}`) ? '  ' : '\n  ';
  edits.push({ offset: close, length: 0, content: `${opens}${property}\n${indent}` });
  return edits;
}

function gives(text: string, key: ConfigKey, value: unknown): boolean {
  const parsed = quickParse(text) as Config | undefined;
  return JSON.stringify(parsed?.[key]) === JSON.stringify(value);
}

function json(value: unknown): string {
  return Array.isArray(value)
    ? `[${value.map((one) => JSON.stringify(one)).join(', ')}]`
    : JSON.stringify(value);
}
