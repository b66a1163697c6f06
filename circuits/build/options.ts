import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import { type Statement, STATEMENTS } from '../types.ts';
import { DEV_PTAU, readBytes } from './build.ts';

/** What a command of this folder was told to do. */
export interface Options {
  statements: readonly Statement[];
  ptau: Uint8Array;
  /** A proving key that was made elsewhere. */
  zkey: Uint8Array | null;
}

/** @throws {NexusError} `USAGE` */
export async function readOptions(): Promise<Options> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { only: text, ptau: text, zkey: text } });
  const statements = STATEMENTS.filter((one) => values.only === undefined || one === values.only);
  if (statements.length === 0) {
    throw new NexusError('USAGE', `there is no statement ${values.only}`, {
      hint: `there are ${STATEMENTS.join(', ')}`,
    });
  }
  if (values.zkey !== undefined && statements.length > 1) {
    throw new NexusError('USAGE', 'a proving key is of one statement', {
      hint: 'name it with --only',
    });
  }
  return {
    statements,
    ptau: await readBytes(values.ptau ?? fileURLToPath(DEV_PTAU)),
    zkey: values.zkey === undefined ? null : await readBytes(values.zkey),
  };
}

/** Runs a command; says what went wrong, and ends with code 1 then. */
export function command(main: () => Promise<void>): void {
  main().catch((thrown) => {
    const { code, message, hint } = asNexusError(thrown);
    console.error(`${code}: ${message}${hint === undefined ? '' : `\n${hint}`}`);
    // deno-lint-ignore no-process-global
    process.exitCode = 1;
  });
}
