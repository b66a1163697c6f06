import { checkPublished, factors, NCU_METHOD, REACHED, REFERENCE } from '../fingerprint/ncu/mod.ts';
import { coefficientsOf } from '../node/network/mod.ts';
import { readTable } from '../node/models/mod.ts';
import type { Figure } from './lib.ts';

/** What the middle measurement and the farthest one may be off by, factors. */
const GOALS = { middle: 1.5, most: 2 };

/** The coefficients of the models that the program knows, and the method against measurements. */
export async function ncu(): Promise<Figure[]> {
  const { bandwidth, flops, watts } = REACHED;
  console.log(
    `method ${NCU_METHOD}: ${REFERENCE.name}, ${100 * bandwidth} % of bandwidth, ` +
      `${100 * flops} % of operations, ${100 * watts} % of board power\n`,
  );
  console.log('| model | machine | streams | measured | method | error | source |');
  console.log('|---|---|---|---|---|---|---|');
  const checked = checkPublished();
  for (const { model, machine, use, joules, predicted, error, source } of checked) {
    const percent = `${error < 0 ? '-' : '+'}${Math.abs(100 * error).toFixed(0)} %`;
    const cells = [model, machine.name, use.streams, `${joules} J`, `${predicted.toFixed(2)} J`];
    console.log(`| ${[...cells, percent, source].join(' | ')} |`);
  }
  console.log(
    '\n| model | prompt token | output token | (micro-NCU = mJ of the reference machine)',
  );
  console.log('|---|---|---|');
  for (const { entry } of await readTable()) {
    const { prompt, output } = coefficientsOf(entry);
    console.log(`| ${entry.name}, ${entry.profile.quantisation} | ${prompt} | ${output} |`);
  }
  console.log();
  const { middle, most } = factors(checked);
  const figure = (name: string, value: number, goal: number): Figure => ({
    name: `reference energy against published measurements: ${name}`,
    measured: `factor ${value.toFixed(2)} (${checked.length} measurements)`,
    goal: `<= ${goal}`,
    met: value <= goal,
  });
  return [figure('middle', middle, GOALS.middle), figure('farthest', most, GOALS.most)];
}
