/**
 * Lines of a terminal: widths, tones, tables, figures for people. Pure.
 * @module
 */
export { age, bytes, clock, duration, gauge, moment, rate, sparkline, trend } from './format.ts';
export {
  ends,
  fitLine,
  labelled,
  type Line,
  line,
  lineWidth,
  paint,
  plain,
  type Span,
  span,
  type Tone,
} from './line.ts';
export { type Cell, type Column, heading, place, type Placed, row, sorted } from './table.ts';
export { fit, tail, truncate, widthOf, wrap } from './width.ts';
