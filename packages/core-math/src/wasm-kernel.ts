/** What is used of the platform: browsers, workers and Node have both. */
interface Platform {
  readonly atob?: (text: string) => string;
  readonly WebAssembly?: {
    validate(bytes: Uint8Array): boolean;
    readonly Memory: new (options: { initial: number }) => { readonly buffer: ArrayBuffer };
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  };
}

/** Bytes that WebAssembly's memory is measured in. */
export const WASM_PAGE = 65536;

/** Compiled WebAssembly, for {@link instantiateKernel}; what a call changes is in its instances. */
export interface KernelModule {
  readonly module: object;
}

/** Functions of WebAssembly and the memory that they work on. */
export interface KernelInstance<Exports> {
  readonly exports: Exports;
  readonly buffer: ArrayBuffer;
}

/**
 * Compiles WebAssembly that a package carries as text.
 *
 * @param binary in base64
 * @returns `undefined` where the platform has no WebAssembly, cannot run this one (no SIMD), or forbids
 *   it (a page's security policy)
 */
export function compileKernel(binary: string): KernelModule | undefined {
  const { atob, WebAssembly } = globalThis as Platform;
  if (!atob || !WebAssembly) return undefined;
  const bytes = Uint8Array.from(atob(binary), (character) => character.charCodeAt(0));
  try {
    return WebAssembly.validate(bytes) ? { module: new WebAssembly.Module(bytes) } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * An instance with memory of its own, which it imports as `env.memory`.
 *
 * @param kernel from {@link compileKernel}
 * @param bytes of memory, rounded up to pages; zeros
 * @returns `undefined` where there is no kernel, or no room
 */
export function instantiateKernel<Exports>(
  kernel: KernelModule | undefined,
  bytes: number,
): KernelInstance<Exports> | undefined {
  const { WebAssembly } = globalThis as Platform;
  if (!kernel || !WebAssembly) return undefined;
  try {
    const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / WASM_PAGE)) });
    const { exports } = new WebAssembly.Instance(kernel.module, { env: { memory } });
    return { exports: exports as Exports, buffer: memory.buffer };
  } catch {
    return undefined;
  }
}
