export {
  DEFAULT_MAX_TOKENS,
  DEFAULT_TEMPERATURE,
  parseRunRequest,
  type RunRequest,
} from '../control/mod.ts';
