/** Counts the bytes of new typed arrays. */
export interface Meter {
  readonly reset: () => void;
  readonly bytes: () => number;
}

const NAMES = [
  "Uint8Array",
  "Int8Array",
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "Float32Array",
  "Float64Array",
  "BigUint64Array",
  "BigInt64Array",
] as const;

/** Puts counting constructors in place of the platform's; to be called before readers are loaded. */
export function installMeter(): Meter {
  let bytes = 0;
  for (const name of NAMES) {
    const original = globalThis[name] as { readonly prototype: object };
    const counting = new Proxy(original, {
      construct(target, args, newTarget): object {
        const array = Reflect.construct(
          target as new () => Uint8Array,
          args,
          newTarget,
        ) as Uint8Array;
        // With a buffer it is a view and takes nothing.
        if (!(args[0] instanceof ArrayBuffer || args[0] instanceof SharedArrayBuffer)) {
          bytes += array.byteLength;
        }
        return array;
      },
    });
    Object.assign(globalThis, { [name]: counting });
    // Some readers ask an array for its constructor and compare.
    Object.defineProperty(original.prototype, "constructor", { value: counting });
  }
  return {
    reset: () => {
      bytes = 0;
    },
    bytes: () => bytes,
  };
}
