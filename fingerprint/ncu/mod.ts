/**
 * What tokens cost in NCU: reference energy of a model's tokens by a documented method, and how far
 * published measurements are from it.
 * @module
 */
export {
  type MachineFigures,
  type ModelFigures,
  REACHED,
  type TokenJoules,
  tokenJoules,
  type Use,
} from './model.ts';
export { type Checked, checkPublished, factors, PUBLISHED, type Published } from './published.ts';
export { NCU_METHOD, ncuCoefficients, REFERENCE } from './table.ts';
