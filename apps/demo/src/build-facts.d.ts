/** Methods whose networks are part of this build. */
declare const __METHODS__: readonly import("@headform/reconstruction").Method[];
/** Bytes of each large file, by its name without the build's digest. */
declare const __BYTES__: Readonly<Record<string, number>>;
/** In the service worker: addresses of every built file, relative to the page. */
declare const __FILES__: readonly string[];
