/**
 * Jobs that a witness plants to test auditors: half of them honest, half of them frauds.
 * @module
 */
export { PlantedAnswers } from './answers.ts';
export { CanaryBook, type Draft, type Progress } from './book.ts';
export {
  answerSeed,
  type Canary,
  canaryToJson,
  parseCanary,
  planCanary,
  planOf,
  type PlanOptions,
  revealOf,
} from './plan.ts';
export { Planter, type PlanterOptions } from './planter.ts';
export { begin, nextStep, plantingChance } from './steps.ts';
