pragma circom 2.1.6;

include "poseidon.circom";
include "bitify.circom";
include "mux1.circom";

// An account under `root` has at least `leastReputation` and at least `leastBond`, and whoever made
// the proof knows the account's secret. Nothing else of the account is shown, nor which one it is.
template Standing(depth, reputationBits, bondBits) {
    // Poseidon root over all accounts.
    signal input root;
    // Parts in a million.
    signal input leastReputation;
    // micro-NCU.
    signal input leastBond;
    // Hash of network, epoch and the verifier's challenge: worked out by the verifier.
    signal input context;

    signal input secret;
    signal input reputation;
    signal input bonded;
    signal input available;
    signal input owed;
    // The two halves of the account's key, 128 bits each.
    signal input key[2];
    // The account's place, the lowest bit first, and the other side of each step up.
    signal input place[depth];
    signal input siblings[depth];

    // Group `owner`: the leaf holds the hash of a secret that the prover knows.
    component owner = Poseidon(1);
    owner.inputs[0] <== secret;

    // Group `leaf`: the account's leaf, in the order of `accountElements` of the ledger. Seven inputs
    // against a node's two: no inner node can be taken for a leaf.
    component leaf = Poseidon(7);
    leaf.inputs[0] <== owner.out;
    leaf.inputs[1] <== reputation;
    leaf.inputs[2] <== bonded;
    leaf.inputs[3] <== available;
    leaf.inputs[4] <== owed;
    leaf.inputs[5] <== key[0];
    leaf.inputs[6] <== key[1];

    // Group `place`: each bit is 0 or 1. Else a side could be a mixture of node and sibling.
    // Group `path`: the leaf leads to the root.
    component sides[depth];
    component step[depth];
    signal node[depth + 1];
    node[0] <== leaf.out;
    for (var i = 0; i < depth; i++) {
        place[i] * (place[i] - 1) === 0;
        sides[i] = MultiMux1(2);
        sides[i].c[0][0] <== node[i];
        sides[i].c[0][1] <== siblings[i];
        sides[i].c[1][0] <== siblings[i];
        sides[i].c[1][1] <== node[i];
        sides[i].s <== place[i];
        step[i] = Poseidon(2);
        step[i].inputs[0] <== sides[i].out[0];
        step[i].inputs[1] <== sides[i].out[1];
        node[i + 1] <== step[i].out;
    }
    root === node[depth];

    // Group `reputation`: it is at least what is asked. All three are below 2^reputationBits, so that
    // the difference of two cannot wrap into the range that stands for numbers from 0 up.
    component reputationRange = Num2Bits(reputationBits);
    reputationRange.in <== reputation;
    component leastReputationRange = Num2Bits(reputationBits);
    leastReputationRange.in <== leastReputation;
    component reputationAbove = Num2Bits(reputationBits);
    reputationAbove.in <== reputation - leastReputation;

    // Group `bond`: likewise.
    component bondRange = Num2Bits(bondBits);
    bondRange.in <== bonded;
    component leastBondRange = Num2Bits(bondBits);
    leastBondRange.in <== leastBond;
    component bondAbove = Num2Bits(bondBits);
    bondAbove.in <== bonded - leastBond;

    // Group `context`: the proof was made for this network, epoch and challenge. A constraint of its
    // own, so that the input cannot be exchanged in a proof that exists; not its square, which -context
    // has too.
    signal bound;
    bound <== context * root;
}

component main { public [root, leastReputation, leastBond, context] } = Standing(20, 20, 53);
