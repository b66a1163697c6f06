import { ApiError } from './errors.ts';
import type { GatewayModel } from './types.ts';

const PROFILE = /^[0-9a-f]{64}$/;

/**
 * The model of a name or profile id.
 * @throws {ApiError} `model_not_found`, or `MODEL_AMBIGUOUS` where peers mean several by one name
 */
export function findModel(models: readonly GatewayModel[], wanted: string): GatewayModel {
  // A peer may give its model another one's id as a name.
  const exact = models.filter(({ profile }) => profile === wanted);
  const named = exact.length > 0 || PROFILE.test(wanted)
    ? exact
    : models.filter(({ name }) => name === wanted);
  const found = named.find(({ local }) => local) ?? named[0];
  if (found === undefined) {
    const shown = wanted.toWellFormed().slice(0, 80);
    throw new ApiError(404, 'model_not_found', `the model '${shown}' is not served here`, {
      param: 'model',
    });
  }
  if (!found.local && named.length > 1) {
    const ids = named.slice(0, 8).map(({ profile }) => profile).join(', ');
    throw new ApiError(
      400,
      'MODEL_AMBIGUOUS',
      `several models have this name, give an id: ${ids}`,
      {
        param: 'model',
      },
    );
  }
  return found;
}

/** OpenAI's object of a model. @param created seconds since 1970 */
export function modelJson(model: GatewayModel, created: number): Record<string, unknown> {
  const { name, profile, contextSize, local, peers } = model;
  return {
    id: name,
    object: 'model',
    created,
    owned_by: 'nexus',
    nexus: { profile, context_size: contextSize, local, peers },
  };
}
