import { counted, ncuText } from '../../feeds/base/mod.ts';
import type { EnergyRow, EnergySourceRow } from '../control/mod.ts';
import { dayOf, perToken } from '../energy/mod.ts';

const JOULES_PER_WATT_HOUR = 3600;

/** A row as an event: of a day and model, or of a session. */
export function energyEvent(row: EnergyRow) {
  const { at: _at, session: _session, job: _job, attempt: _attempt, own: _own, ...figures } = row;
  const joules = row.prompt + row.output;
  return { ...figures, joules, wattHours: joules / JOULES_PER_WATT_HOUR, ...perToken(row) };
}

/** All of a session as an event. */
export function sessionEvent(sum: EnergyRow) {
  const { profile: _profile, model: _model, ...figures } = energyEvent(sum);
  return figures;
}

export const ENERGY_HEAD = [
  'DAY',
  'MODEL',
  'JOBS',
  'IN',
  'OUT',
  'J',
  'Wh',
  'NCU',
  'J/IN',
  'J/OUT',
  'SOURCE',
];

/** A day and model in a line. */
export function energyCells(row: EnergyRow): string[] {
  const { promptToken, outputToken } = perToken(row);
  const joules = row.prompt + row.output;
  return [
    dayOf(row.at),
    row.model,
    String(row.jobs),
    String(row.promptTokens),
    String(row.tokens),
    figure(joules),
    figure(joules / JOULES_PER_WATT_HOUR),
    row.ncu === null ? '-' : ncuText(row.ncu),
    promptToken === null ? '-' : figure(promptToken),
    outputToken === null ? '-' : figure(outputToken),
    `${row.source} ${errorText(row.error)}`,
  ];
}

/** Several rows of all models in a sentence. */
export function energyLine(row: EnergyRow): string {
  const joules = row.prompt + row.output;
  const ncu = row.ncu === null || row.ncu === 0
    ? ''
    : `; reference energy ${ncuText(row.ncu)} NCU: this machine took ` +
      `${figure(1000 * joules / row.ncu)} times as much`;
  return `${counted(row.jobs, 'job')}, ${figure(joules)} J ${errorText(row.error)}, ` +
    `${figure(joules / JOULES_PER_WATT_HOUR)} Wh${ncu}`;
}

/** What counts, and why nothing better does, in lines. */
export function sourceLines({ name, detail, error, absent }: EnergySourceRow): string[] {
  return [
    `${name}: ${detail}, ${errorText(error)}`,
    ...absent.map(({ name, reason, mend }) =>
      `no ${name}: ${reason}${mend === null ? '' : `; mend: ${mend}`}`
    ),
  ];
}

/** A relative error for people. */
function errorText(error: number): string {
  return `±${Math.round(100 * error)} %`;
}

/** Three digits that count. */
export function figure(value: number): string {
  if (value === 0) return '0';
  if (value >= 1000) return Math.round(value).toString();
  return Number(value.toPrecision(3)).toString();
}
