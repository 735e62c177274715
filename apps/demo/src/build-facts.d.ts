/** Methods whose networks are part of this build. */
declare const __METHODS__: readonly import("@headform/reconstruction").Method[];
/** In the service worker: addresses of every built file, relative to the page. */
declare const __FILES__: readonly string[];
