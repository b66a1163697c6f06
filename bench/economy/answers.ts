const FILE = new URL('./answers.json', import.meta.url);

/** An answer as an auditor of another class sees it. */
export interface Seen {
  /** It draws a panel. */
  found: boolean;
  /** Log e-values, units of 1/65536 nat, one an alternative. */
  evidence: number[];
}

/** Measured by `bench/economy_answers.ts`. */
export interface Answers {
  honest: Seen[];
  cheated: Seen[];
}

export async function readAnswers(): Promise<Answers> {
  return JSON.parse(await Deno.readTextFile(FILE));
}

export async function writeAnswers({ honest, cheated }: Answers): Promise<void> {
  const lines = (answers: Seen[]) => answers.map((one) => `    ${JSON.stringify(one)}`).join(',\n');
  const text = `{\n  "honest": [\n${lines(honest)}\n  ],\n  "cheated": [\n${
    lines(cheated)
  }\n  ]\n}\n`;
  await Deno.writeTextFile(FILE, text);
}
