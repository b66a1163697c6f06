import { PRIME } from './field.ts';

/** Rows and columns that one workgroup computes. */
export const TILE = 64;

/**
 * `fill` writes both factors; `multiply` computes rows from `sizes.start` on: 16 x 16 threads of 4 x 4
 * cells each, both factors' tiles shared. A product of two residues is a u32; its halves are summed
 * apart, so that nothing overflows before 65,536 terms.
 */
export const KERNEL = `
struct Sizes { rows: u32, inner: u32, cols: u32, start: u32, a: vec2u, b: vec2u }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read_write> left: array<u32>;
@group(0) @binding(2) var<storage, read_write> right: array<u32>;
@group(0) @binding(3) var<storage, read_write> cells: array<u32>;
const P = ${PRIME}u;

fn pcg4d(seed: vec4u) -> vec4u {
  var v = seed * 1664525u + 1013904223u;
  v.x += v.y * v.w; v.y += v.z * v.x; v.z += v.x * v.y; v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w; v.y += v.z * v.x; v.z += v.x * v.y; v.w += v.y * v.z;
  return v % vec4u(P);
}

@compute @workgroup_size(64)
fn fill_left(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) n: vec3u) {
  let quads = sizes.inner / 4u;
  for (var i = id.x; i < sizes.rows * quads; i += n.x * 64u) {
    let v = pcg4d(vec4u(i / quads, i % quads, sizes.a));
    left[4u * i] = v.x; left[4u * i + 1u] = v.y; left[4u * i + 2u] = v.z; left[4u * i + 3u] = v.w;
  }
}

@compute @workgroup_size(64)
fn fill_right(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) n: vec3u) {
  let quads = sizes.cols / 4u;
  for (var i = id.x; i < sizes.inner * quads; i += n.x * 64u) {
    let v = pcg4d(vec4u(i / quads, i % quads, sizes.b));
    right[4u * i] = v.x; right[4u * i + 1u] = v.y; right[4u * i + 2u] = v.z; right[4u * i + 3u] = v.w;
  }
}

var<workgroup> tile_a: array<u32, 1024>;
var<workgroup> tile_b: array<u32, 1024>;

@compute @workgroup_size(16, 16)
fn multiply(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) me: vec3u,
            @builtin(local_invocation_index) index: u32) {
  let row = sizes.start + group.y * 64u;
  let col = group.x * 64u;
  var low: array<vec4u, 4>;
  var high: array<vec4u, 4>;
  for (var k = 0u; k < sizes.inner; k += 16u) {
    for (var i = index; i < 1024u; i += 256u) {
      tile_a[i] = left[(row + i / 16u) * sizes.inner + k + i % 16u];
      tile_b[i] = right[(k + i / 64u) * sizes.cols + col + i % 64u];
    }
    workgroupBarrier();
    for (var t = 0u; t < 16u; t++) {
      let at = t * 64u + me.x * 4u;
      let b = vec4u(tile_b[at], tile_b[at + 1u], tile_b[at + 2u], tile_b[at + 3u]);
      for (var r = 0u; r < 4u; r++) {
        let p = tile_a[(me.y * 4u + r) * 16u + t] * b;
        low[r] += p & vec4u(0xffffu);
        high[r] += p >> vec4u(16u);
      }
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < 4u; r++) {
    let v = ((high[r] % vec4u(P)) * (65536u % P) + low[r] % vec4u(P)) % vec4u(P);
    let at = (row + me.y * 4u + r) * sizes.cols + col + me.x * 4u;
    cells[at] = v.x; cells[at + 1u] = v.y; cells[at + 2u] = v.z; cells[at + 3u] = v.w;
  }
}
`;
