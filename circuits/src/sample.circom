pragma circom 2.1.6;

include "poseidon.circom";

// The tokens at these positions are what sampler version 1 draws from committed logits that stay
// hidden. One position has 32 candidates: ids public, z = -below hidden, in units of 1/1024 nat.
//
// A score is z * 2^16 + noise. The noise is public (a hash of seed, position and id), hence so is the
// lead in noise of the claimed token c over candidate i, less one where i would win a tie. That c wins,
//
//     (z_c - z_i) * 2^16 + lead >= 0,
//
// is, in whole numbers, z_c - z_i + floor(lead / 2^16) >= 0: the verifier rounds, outside. It also caps
// the lead at 2^15, beyond which it decides nothing, and gives c itself the lead 2^16.

// `in` is in 0 .. 2^n - 1: it is the sum of n bits.
template Below(n) {
    signal input in;
    signal bit[n];
    var sum = 0;
    for (var i = 0; i < n; i++) {
        bit[i] <-- (in >> i) & 1;
        bit[i] * (bit[i] - 1) === 0;
        sum += bit[i] * (1 << i);
    }
    sum === in;
}

// `in` is in 0 .. 2^n, both included: a bit more, which counts 1. Some numbers can be written in two
// ways; neither is out of the range.
template UpTo(n) {
    signal input in;
    signal more <-- (in >> n) & 1;
    more * (more - 1) === 0;
    component rest = Below(n);
    rest.in <== in - more;
}

template Position() {
    // Poseidon commitment to the candidates, salted: a leaf of the artifact's top-k tree. That it stands
    // there is checked outside, where a path costs a millisecond and not 3,000 constraints.
    signal input leaf;
    // Ids, six to a word of 41 bits each, with nothing where the logits go.
    signal input ids[6];
    signal input lead[32];

    signal input salt;
    signal input below[32];
    // What the claimed token's logit is below the largest one.
    signal input chosen;

    // Group `range`: each logit is in -2^15 .. 0. Without it, one could borrow from its neighbour in a
    // word, and the leaf would be that of other logits.
    component range[32];
    for (var i = 0; i < 32; i++) {
        range[i] = UpTo(15);
        range[i].in <== below[i];
    }

    // Group `leaf`: the commitment opens to exactly these ids and logits, each written as 1 - z.
    component hash = Poseidon(7);
    hash.inputs[0] <== salt;
    for (var w = 0; w < 6; w++) {
        var word = ids[w];
        for (var i = 6 * w; i < 6 * w + 6 && i < 32; i++) {
            word += (below[i] + 1) * (1 << (41 * (i % 6) + 24));
        }
        hash.inputs[w + 1] <== word;
    }
    leaf === hash.out;

    // Group `top`: some logit is 0, which is the largest: the product of all is 0.
    signal product[31];
    product[0] <== below[0] * below[1];
    for (var i = 1; i < 31; i++) product[i] <== product[i - 1] * below[i + 1];
    product[30] === 0;

    // Group `margin`: no candidate beats the claimed token. For the token itself this reads
    // below - chosen + 2^16 <= 2^16, that is chosen >= below: who makes `chosen` too large only makes
    // the claim harder, and too small it cannot be. Hence nothing need say which candidate it is.
    component margin[32];
    for (var i = 0; i < 32; i++) {
        margin[i] = UpTo(16);
        margin[i].in <== below[i] - chosen + lead[i];
    }
}

template Sample(positions) {
    // Hash of network, artifact and epoch of the beacon: worked out by the verifier. The positions follow
    // from these, and are held to the leaves outside, by their paths.
    signal input context;
    signal input leaf[positions];
    signal input ids[positions][6];
    signal input lead[positions][32];

    signal input salt[positions];
    signal input below[positions][32];
    signal input chosen[positions];

    // Group `context`: the proof was made for this and nothing else. A constraint of its own, so that
    // the input cannot be exchanged in a proof that exists; not its square, which -context has too.
    signal bound;
    bound <== context * leaf[0];

    component position[positions];
    for (var i = 0; i < positions; i++) {
        position[i] = Position();
        position[i].leaf <== leaf[i];
        position[i].ids <== ids[i];
        position[i].lead <== lead[i];
        position[i].salt <== salt[i];
        position[i].below <== below[i];
        position[i].chosen <== chosen[i];
    }
}

component main {public [context, leaf, ids, lead]} = Sample(5);
