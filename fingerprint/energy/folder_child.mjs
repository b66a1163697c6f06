/**
 * A process that reads the files of one folder and may do nothing else, for a parent that is not
 * allowed to: `[]` asks for the folder's names, `["a", "b"]` for the texts of files. A line comes in,
 * a line goes out; it ends with its input.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

// It is given to Node as text, which then has no arguments but these.
const folder = process.argv[1];
for await (const line of createInterface({ input: process.stdin })) {
  let said;
  try {
    const paths = JSON.parse(line);
    const texts = paths.length === 0
      ? readdirSync(folder)
      : paths.map((path) => readFileSync(`${folder}/${path}`, 'utf8'));
    said = { texts };
  } catch (error) {
    said = { error: error.message, code: error.code };
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
