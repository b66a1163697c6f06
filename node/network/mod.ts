/**
 * Networks: their files and rules, private ones with their members, and the invites by which a
 * machine gets in.
 * @module
 */
export { canonicalBytes, canonicalJson } from './canonical.ts';
export { isNetworkName, label } from './check.ts';
export { coefficientFrom, grantsFrom, needsLedger, rulesFrom, witnessesFrom } from './choices.ts';
export { coefficientsOf, type Rated } from './coefficients.ts';
export { createInvite, findInvite, listInvites, ownedFolder, revokeInvite } from './desk.ts';
export {
  MAIN,
  modelOf,
  type NetworkDocument,
  type NetworkFile,
  networkId,
  type NetworkModel,
  networkToJson,
  parseNetwork,
  topicOf,
  type Witness,
} from './file.ts';
export { type Invite, type InviteState, inviteState, redeem, revoke } from './invites.ts';
export { enterNetwork, type JoinFeeds } from './join.ts';
export { circuitsFrom, isVouched } from './circuits.ts';
export {
  decodeMembers,
  encodeMembers,
  isMember,
  type Member,
  type MemberList,
  type Merged,
  mergeMembers,
  type Sign,
  signMembers,
  verifyMembers,
  withMember,
  withoutMember,
} from './members.ts';
export {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  type InviteAnswer,
  type InviteRequest,
} from './messages.ts';
export { bootstrapOf, machineName } from './machine.ts';
export { type InviteChannel, type InviteDesk, redeemInvite } from './redeem.ts';
export { addMember, removeMember } from './roster.ts';
export { defaultLedgerRules, ledgerToJson } from './ledger.ts';
export { type PresetName, PRESETS } from './presets.ts';
export { defaultRules, RULES, type Rules } from './rules.ts';
export { joinOptionsOf, receiveMembers, type ServeInvites, serveInvites } from './serve.ts';
export {
  isPrivateNetwork,
  leaveNetwork,
  listNetworks,
  loadNetwork,
  membersOf,
  type Network,
  type NetworkChoices,
  networkOfId,
  newOpenNetwork,
  newPrivateNetwork,
  saveNetwork,
} from './store.ts';
export { encodeToken, type InviteToken, parseToken } from './token.ts';
