/**
 * The node's HTTP gateway, which speaks to programs as OpenAI's API does.
 * @module
 */
export { gatewayApp } from './app.ts';
export { Desk } from './desk.ts';
export { type Gateway, serveGateway } from './server.ts';
export { type Listen, listenAt } from './address.ts';
export { gatewayNode } from './node.ts';
export { SpendBook } from './spending.ts';
export type { AdmissionAnswer, ChallengeAnswer, GatewayAdmission } from './admission.ts';
export type { GatewayLimits } from './limits.ts';
export type {
  ApiKey,
  GatewayModel,
  GatewayNode,
  GatewayOptions,
  KeyBook,
  KeyLimits,
  KeyUsage,
  Quote,
  RequestLog,
  UsageStore,
} from './types.ts';
