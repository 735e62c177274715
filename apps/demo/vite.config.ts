import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build, defineConfig, type Plugin } from "vite";
import { roundWeights } from "./round-weights.ts";

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

/** Ships networks that compress, each with a manifest that has the digest of what is shipped. */
function roundedNetworks(): Plugin {
  return {
    name: "rounded-networks",
    apply: "build",
    generateBundle(_, bundle) {
      const assets = Object.values(bundle).filter((file) => file.type === "asset");
      for (const network of assets.filter(({ fileName }) => fileName.endsWith(".onnx"))) {
        // The digest that the build puts into names is no part of them.
        const name = network.fileName.replace(/-[\w-]{8}\.onnx$/, "");
        const manifestOf = new RegExp(`^${name}-[\\w-]{8}\\.json$`);
        const beside = assets.find(({ fileName }) => manifestOf.test(fileName));
        if (!beside) throw new Error(`${network.fileName} has no manifest beside it`);
        network.source = roundWeights(network.source as Uint8Array);
        const sha256 = createHash("sha256").update(network.source).digest("hex");
        const manifest = JSON.parse(Buffer.from(beside.source).toString("utf8"));
        beside.source = JSON.stringify({ ...manifest, sha256 });
      }
    },
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
  plugins: [contentSecurityPolicy(), roundedNetworks(), serviceWorker()],
  worker: { format: "es" },
  optimizeDeps: {
    // The worker's packages as well, or the first photo reloads the page.
    entries: ["index.html", "src/worker/worker.ts"],
    exclude: ["@headform/open-head", "onnxruntime-web"],
  },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
