import { checkCount, checkLength } from "./check-array.ts";
import { GRAM_WASM } from "./gram-wasm-binary.ts";
import { compileKernel, instantiateKernel, type KernelModule } from "./wasm-kernel.ts";

/** Room for n vectors, and the products of each with each. */
export interface GramKernel {
  readonly name: "wasm" | "typescript";
  /** n */
  readonly count: number;
  /** Numbers from one vector to the next, a multiple of 4; those beyond a vector's end must be 0. */
  readonly stride: number;
  /** [n×stride] the vectors, written in place. */
  readonly rows: Float32Array;
  /** Products of single precision, for use beside `rows`; see {@link gramMatrix}. */
  readonly multiply: () => Float32Array;
  /** Numbers from one row of products to the next. */
  readonly width: number;
}

/** Options of {@link createGramKernel}. */
export interface GramKernelOptions {
  /** `"auto"` is WebAssembly with SIMD where the platform has it. */
  readonly kernel: "auto" | "typescript";
}

export const GRAM_KERNEL_DEFAULTS: GramKernelOptions = { kernel: "auto" };

interface Exports {
  gram(out: number, a: number, n: number, stride: number): void;
}

/** Compiled once; what a call changes is in its instance. */
const MODULE: KernelModule | undefined = /* @__PURE__ */ compileKernel(GRAM_WASM);

/**
 * Memory for the Gram matrix A·Aᵀ of n vectors of single precision: the normal equations JᵀJ with the
 * columns of J as vectors. In WebAssembly three to four times as fast as `symmetricRankK`, which is of
 * double precision.
 *
 * @param count n
 * @param length greatest length of the vectors
 * @throws RangeError when either is no whole number ≥ 0
 */
export function createGramKernel(
  count: number,
  length: number,
  options: Partial<GramKernelOptions> = {},
): GramKernel {
  checkCount("createGramKernel", "count", count, 0);
  checkCount("createGramKernel", "length", length, 0);
  const { kernel } = { ...GRAM_KERNEL_DEFAULTS, ...options };
  const stride = Math.ceil(length / 4) * 4;
  const width = Math.ceil(count / 3) * 3;
  const fast = kernel === "auto" ? createWasm(count, stride, width) : undefined;
  if (fast) return fast;
  const rows = new Float32Array(count * stride);
  const out = new Float32Array(width * width);
  const multiply = (): Float32Array => multiplyRows(out, rows, count, stride, width);
  return { name: "typescript", count, stride, rows, width, multiply };
}

/**
 * The Gram matrix of a kernel's vectors, both triangles.
 *
 * @param kernel with its `rows` written
 * @param out [n×n] memory to reuse
 * @returns [n×n]
 * @throws RangeError when `out` has another length
 */
export function gramMatrix(
  kernel: GramKernel,
  out: Float64Array = new Float64Array(kernel.count * kernel.count),
): Float64Array {
  const { count, width } = kernel;
  checkLength("gramMatrix", "out", out, count * count);
  const products = kernel.multiply();
  for (let i = 0; i < count; i++) {
    for (let j = i; j < count; j++) {
      const value = products[i * width + j];
      out[i * count + j] = value;
      out[j * count + i] = value;
    }
  }
  return out;
}

function createWasm(count: number, stride: number, width: number): GramKernel | undefined {
  // Products first, then vectors, padded to whole tiles with vectors of zeros.
  const start = Math.ceil((4 * width * width) / 16) * 16;
  const wasm = instantiateKernel<Exports>(MODULE, start + 4 * width * stride);
  if (!wasm) return undefined;
  const { exports, buffer } = wasm;
  const products = new Float32Array(buffer, 0, width * width);
  const multiply = (): Float32Array => {
    exports.gram(0, start, width, 4 * stride);
    return products;
  };
  const rows = new Float32Array(buffer, start, count * stride);
  return { name: "wasm", count, stride, rows, width, multiply };
}

function multiplyRows(
  out: Float32Array,
  a: Float32Array,
  count: number,
  stride: number,
  width: number,
): Float32Array {
  for (let i = 0; i < count; i++) {
    const p = i * stride;
    let j = i;
    for (; j + 3 < count; j += 4) {
      const q = j * stride;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let k = 0; k < stride; k++) {
        const x = a[p + k];
        s0 += x * a[q + k];
        s1 += x * a[q + stride + k];
        s2 += x * a[q + 2 * stride + k];
        s3 += x * a[q + 3 * stride + k];
      }
      out[i * width + j] = s0;
      out[i * width + j + 1] = s1;
      out[i * width + j + 2] = s2;
      out[i * width + j + 3] = s3;
    }
    for (; j < count; j++) {
      let sum = 0;
      for (let k = 0; k < stride; k++) sum += a[p + k] * a[j * stride + k];
      out[i * width + j] = sum;
    }
  }
  return out;
}
