import { NexusError } from '../../feeds/base/mod.ts';

/** Writes the file of a proof. @throws {NexusError} `PROOF_NOT_WRITTEN` */
export async function writeProofFile(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, text);
  } catch (cause) {
    throw new NexusError('PROOF_NOT_WRITTEN', `cannot write ${path}`, {
      hint: 'name another file: -o <file>',
      cause,
    });
  }
}
