import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
} from 'jsonc-parser';

/** A place in a text, both from 1. */
export interface Place {
  line: number;
  column: number;
}

const WORDS: Readonly<Record<number, string>> = {
  1: 'a character that does not belong there',
  2: 'a number that is none',
  3: 'a name in double quotes, or the closing brace, is missing',
  4: 'a value is missing',
  5: 'a colon is missing',
  6: 'a comma is missing',
  7: 'a closing brace is missing',
  8: 'a closing bracket is missing',
  9: 'nothing may stand behind the last brace',
  10: 'a character that does not belong there',
  11: 'a comment that does not end',
  12: 'a text that does not end',
  13: 'a number that does not end',
  14: 'not a character code',
  15: 'an escape that there is not',
  16: 'a control character in a text',
};

/** The tree of a config file; undefined where there is nothing in it. */
export function treeOf(text: string, errors: ParseError[] = []): Node | undefined {
  return parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: false });
}

/** The first thing that keeps a text from being read as settings; null: none. */
export function firstMistake(text: string): (Place & { what: string }) | null {
  const errors: ParseError[] = [];
  let tree: Node | undefined;
  try {
    tree = treeOf(text, errors);
  } catch {
    // It recurses; a file that deep holds no settings.
    return { line: 1, column: 1, what: 'nested too deep' };
  }
  const [error] = errors;
  if (error !== undefined) {
    return { ...placeOf(text, error.offset), what: WORDS[error.error] ?? 'cannot be read' };
  }
  const seen = new Set<unknown>();
  for (const property of propertiesOf(tree)) {
    const key = property.children![0]!;
    if (seen.has(key.value)) {
      const what = `${JSON.stringify(String(key.value).slice(0, 80))} is set twice`;
      return { ...placeOf(text, key.offset), what };
    }
    seen.add(key.value);
  }
  return null;
}

/** What a text without mistakes holds. */
export function valueOf(text: string): unknown {
  const tree = treeOf(text);
  // Its objects have no prototype, ours have.
  return tree === undefined ? undefined : JSON.parse(JSON.stringify(getNodeValue(tree)));
}

/** Where a setting begins; the beginning of the content for null. */
export function findPlace(text: string, key: string | null): Place {
  const tree = treeOf(text);
  const value = tree && key !== null ? findNodeAtLocation(tree, [key]) : undefined;
  return placeOf(text, value?.parent?.offset ?? tree?.offset ?? 0);
}

/** The `"key": value` nodes of the settings, in their order. */
export function propertiesOf(tree: Node | undefined): Node[] {
  if (tree?.type !== 'object') return [];
  return (tree.children ?? []).filter(({ children }) => children?.length === 2);
}

function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
