import { existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build, defineConfig, type Plugin } from "vite";

const data = new URL("../../packages/open-head/data/", import.meta.url);

/** No inline code, no other site, WebAssembly allowed; blobs are the user's own pictures. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** The built page carries its policy with it, since a static host may send no headers. */
function contentSecurityPolicy(): Plugin {
  return {
    name: "content-security-policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: POLICY },
        injectTo: "head-prepend",
      },
    ],
  };
}

/** Builds the service worker last, because it lists every other file. */
function serviceWorker(): Plugin {
  const publicFiles = ["icon.svg", "site.webmanifest"];
  return {
    name: "service-worker",
    apply: "build",
    async writeBundle({ dir }, bundle) {
      const files = Object.keys(bundle).filter((file) => !file.endsWith(".map"));
      await build({
        configFile: false,
        logLevel: "warn",
        publicDir: false,
        define: { __FILES__: JSON.stringify([...files, ...publicFiles]) },
        build: {
          outDir: dir!,
          emptyOutDir: false,
          target: "es2022",
          rollupOptions: {
            input: fileURLToPath(new URL("src/service-worker.ts", import.meta.url)),
            output: { entryFileNames: "service-worker.js", format: "iife" },
          },
        },
      });
    },
  };
}

/** The methods whose networks lie in the open head's folder: the dense one serves two. */
function availableMethods(): string[] {
  const volume = existsSync(new URL("volume.json", data));
  return ["pix2face", "pixel3dmm", ...(volume ? ["vrn"] : [])];
}

/** Sizes of models and runtime, which say how far their loading is. */
function largeFiles(): Record<string, number> {
  const models = readdirSync(data)
    .filter((name) => /\.(onnx|safetensors)$/.test(name))
    .map((name): [string, number] => [name, statSync(new URL(name, data)).size]);
  const { resolve } = createRequire(import.meta.url);
  const runtimes = ["ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.asyncify.wasm"].map(
    (name): [string, number] => [name, statSync(resolve(`onnxruntime-web/${name}`)).size],
  );
  return Object.fromEntries([...models, ...runtimes]);
}

export default defineConfig({
  // Relative, so that the folder works under any path of any host.
  base: "./",
  resolve: { conditions: ["@headform/source", "module", "browser", "development|production"] },
  define: {
    __METHODS__: JSON.stringify(availableMethods()),
    __BYTES__: JSON.stringify(largeFiles()),
  },
  plugins: [contentSecurityPolicy(), serviceWorker()],
  worker: { format: "es" },
  optimizeDeps: {
    // The worker's packages as well, or the first photo reloads the page.
    entries: ["index.html", "src/worker/worker.ts"],
    exclude: ["@headform/open-head", "onnxruntime-web"],
  },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
