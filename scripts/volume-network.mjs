// The volume network that is measured: a shipped one, or a file with its manifest beside it.
import { readFileSync } from "node:fs";

/** Of a variant (plain, guided), or of FILE.onnx and FILE.json. */
export async function loadVolumeNetwork(variant, file) {
  // Only there once everything is built.
  const { readManifest } = await import("../packages/inference/dist/index.js");
  const { loadNetwork } = await import("../packages/open-head/dist/node.js");
  if (!file) return loadNetwork(variant === "plain" ? "volume" : `volume-${variant}`);
  const manifest = readFileSync(file.replace(/\.onnx$/, ".json"), "utf8");
  return { model: readFileSync(file), manifest: readManifest(manifest) };
}
