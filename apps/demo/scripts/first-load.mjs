#!/usr/bin/env node
// What the first head costs in bytes: every file of the built page, as it is and compressed as a
// static host would send it.
//
//   npm run build && node apps/demo/scripts/first-load.mjs
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), "dist");
/** Fetched by those who choose VRN or WebGPU, and not before; other levels of detail never. */
const LATER = /volume|asyncify|webgpu|head-(low|high)/;
const rows = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .filter((file) => !LATER.test(file))
  .map((file) => {
    const bytes = readFileSync(file);
    const packed = !/\.jpg$/.test(file);
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    };
    return {
      name: file.slice(dist.length + 1),
      sizes: [
        bytes.length,
        packed ? gzipSync(bytes, { level: 9 }).length : bytes.length,
        packed ? brotliCompressSync(bytes, { params }).length : bytes.length,
      ],
    };
  })
  .sort((a, b) => b.sizes[0] - a.sizes[0]);
const total = rows.reduce((sum, { sizes }) => sum.map((value, i) => value + sizes[i]), [0, 0, 0]);
const line = (name, cells) =>
  `${name.padEnd(52)}${cells.map((cell) => cell.padStart(10)).join("")}\n`;
const megabytes = (sizes) => sizes.map((bytes) => (bytes / 1e6).toFixed(3));
process.stdout.write(line("MB", ["as it is", "gzip", "brotli"]));
for (const { name, sizes } of [...rows, { name: "all", sizes: total }]) {
  process.stdout.write(line(name, megabytes(sizes)));
}
