/** What WebGPU says of an adapter. */
export interface AdapterFacts {
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  isFallbackAdapter: boolean;
}

export interface AdapterClass {
  backend: 'gpu' | 'cpu';
  /** Plain text, at most 128 characters. */
  name: string;
}

/** Mesa's rasterisers, Google's, Microsoft's WARP and Apple's, and virtual ones without a device. */
const SOFTWARE =
  /llvmpipe|lavapipe|softpipe|swrast|swiftshader|software|basic render|\bwarp\b|virgl.*llvm|\bcpu\b/i;
/** Vendor ids of Mesa (0x10005) and of Google's SwiftShader (0x1ae0), in decimal and hexadecimal. */
const SOFTWARE_VENDORS = new Set(['65541', '0x10005', '6880', '0x1ae0', 'mesa', 'google']);

/** Software adapters compute on the processor, whatever they are called by: they count as `cpu`. */
export function classifyAdapter(facts: AdapterFacts): AdapterClass {
  const texts = [facts.description, facts.device, facts.architecture, facts.vendor];
  const isSoftware = facts.isFallbackAdapter || texts.some((text) => SOFTWARE.test(text)) ||
    SOFTWARE_VENDORS.has(facts.vendor.toLowerCase());
  // deno-lint-ignore no-control-regex
  const name = (facts.description || facts.device || facts.vendor).replace(/[\x00-\x1f\x7f]/g, '');
  return { backend: isSoftware ? 'cpu' : 'gpu', name: name.slice(0, 128) };
}

/** The machine's adapter, or null where WebGPU finds none. */
export async function findAdapter(): Promise<{ adapter: GPUAdapter; found: AdapterClass } | null> {
  let adapter: GPUAdapter | null;
  try {
    const options = { powerPreference: 'high-performance' } as const;
    adapter = await navigator.gpu?.requestAdapter(options) ?? null;
  } catch {
    // A broken driver is no driver.
    return null;
  }
  if (adapter === null) return null;
  const { vendor, architecture, device, description } = adapter.info;
  const info = adapter.info as GPUAdapterInfo & { isFallbackAdapter?: boolean };
  const isFallbackAdapter = info.isFallbackAdapter === true;
  const found = classifyAdapter({ vendor, architecture, device, description, isFallbackAdapter });
  return { adapter, found };
}
