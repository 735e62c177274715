// What the default networks lose and save when their weights are stored in other ways:
//
//   node scripts/variants.mjs                       all four networks
//   node scripts/variants.mjs --network dense       one; may be repeated
//
// `python3 -m training.variants` writes them to out/variants (numpy and onnx are needed), the ranges
// for int8 activations are those of held-out synthetic people (or of the sample alone where
// `python3 -m training.held_out` was not run). Measures size, speed on one thread and accuracy on the
// sixteen photos, prints a table per network and writes it into docs/accuracy.md, where that has its
// markers.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";
import { faceAt, measuringPhotos, requirePhotos } from "./measuring-photos.mjs";
import { root } from "./prepare.mjs";

const NAMES = ["dense", "detector", "volume", "volume-guided"];
const VARIANTS = ["float32", "float16", "float16-7bit", "int8", "int8-static"];
const PYTHON = process.env.PYTHON ?? "python3";
/** Pictures that the ranges of int8 activations are taken from. */
const CALIBRATION = 12;
const RUNS = 15;

const { network: names = NAMES } = parseArgs({
  options: { network: { type: "string", multiple: true } },
}).values;
requirePhotos("variants");
// Only there once everything is installed and built.
const { default: sharp } = await import("sharp");
const { normalizedMeanError } = await import("../packages/evaluation/dist/index.js");
const { createTensor } = await import("../packages/inference/dist/index.js");
const { createBackend } = await import("../packages/inference/dist/node.js");
const { loadNetwork, loadSample } = await import("../packages/open-head/dist/node.js");
const { reconstructPhoto } = await import("../packages/reconstruction/dist/index.js");
const { loadReconstructor } = await import("../packages/reconstruction/dist/node.js");

const photos = [];
for await (const photo of measuringPhotos()) photos.push(photo);
const sample = await decode(await loadSample());

for (const name of names) {
  const { model: shipped, manifest } = await loadNetwork(name);
  const folder = join(root, "out/variants", name);
  python("make", name, folder);
  if (!name.startsWith("volume")) await makeStatic(name, folder, manifest);

  const rows = [];
  const asTrained = await headOf({
    name,
    model: readFileSync(join(folder, "float32.onnx")),
    manifest,
  });
  const shippedHead = await headOf({ name, model: shipped, manifest });
  const asShipped = await accuracy({ name, model: shipped, manifest });
  for (const variant of VARIANTS) {
    const file = join(folder, `${variant}.onnx`);
    if (!existsSync(file)) continue;
    const model = readFileSync(file);
    if (rows.some((row) => row.model.equals(model))) continue;
    const head = await headOf({ name, model, manifest });
    const isShipped = sameSize(model, shipped) && largestDifference(head, shippedHead).vertex === 0;
    const row = {
      model,
      // The exporter's names of things differ, the numbers do not.
      variant: isShipped ? `**${variant}, shipped**` : variant,
      megabytes: model.length / 1e6,
      brotli: compressed(model) / 1e6,
      cpu: await speed("cpu", name, model, manifest),
      wasm: await speed("wasm", name, model, manifest),
      ...(isShipped ? asShipped : await accuracy({ name, model, manifest })),
      moved: largestDifference(head, asTrained),
    };
    rows.push(row);
    console.log(`${name}: ${variant} measured`);
  }
  report(name, rows);
}

function python(...args) {
  execFileSync(PYTHON, ["-m", "training.variants", ...args], { cwd: root, stdio: "inherit" });
}

/** The variant with int8 activations, by the ranges that pictures of people show. */
async function makeStatic(name, folder, manifest) {
  const session = await (await createBackend({ threads: 1 })).createSession(
    readFileSync(join(folder, "ranges.onnx")),
  );
  const ranges = {};
  const watched = {
    ...session,
    async run(feeds) {
      const outputs = await session.run(feeds);
      for (const [key, { data }] of Object.entries(outputs)) {
        const [value, end] = key.split("|");
        if (!end) continue;
        ranges[value] ??= [0, 0];
        const range = ranges[value];
        if (end === "min") range[0] = Math.min(range[0], data[0]);
        else range[1] = Math.max(range[1], data[0]);
      }
      return outputs;
    },
  };
  const reconstructor = await loadReconstructor({ textureSize: 0 });
  const parts = { ...reconstructor, [name]: { session: watched, manifest } };
  for (const image of await calibrationPictures()) {
    await reconstructPhoto(parts, image, { texture: false });
  }
  await reconstructor.release();
  await session.release();
  const file = join(folder, "ranges.json");
  writeFileSync(file, JSON.stringify(ranges));
  python("static", name, file, folder);
}

async function calibrationPictures() {
  const heldOut = join(root, "training/.cache/held-out");
  const pictures = [sample];
  for (let i = 0; i < CALIBRATION; i++) {
    const file = join(heldOut, `${String(i).padStart(3, "0")}.png`);
    if (existsSync(file)) pictures.push(await decode(file));
  }
  return pictures;
}

async function decode(input) {
  const { data, info } = await sharp(input)
    .removeAlpha()
    .toColorspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: 3, data };
}

/** The processor's time on noise, one thread, least of all runs, milliseconds. */
async function speed(prefer, name, model, { input }) {
  const session = await (await createBackend({ prefer, threads: 1 })).createSession(model);
  const [width, height] = "width" in input ? [input.width, input.height] : [320, 320];
  const dims = [1, name === "volume-guided" ? 71 : 3, height, width];
  const count = dims.reduce((product, size) => product * size, 1);
  const data = new Float32Array(count).map((_, i) => (Math.imul(i, 0x9e3779b1) >>> 8) / 2 ** 24);
  const feeds = { [input.name]: createTensor("float32", dims, data) };
  await session.run(feeds);
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < RUNS; i++) {
    const start = process.cpuUsage();
    await session.run(feeds);
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
  }
  await session.release();
  return least;
}

function loadWith({ name, model, manifest }) {
  const part = name.startsWith("volume") ? "volume" : name;
  return loadReconstructor({ textureSize: 0, threads: 1, [part]: { model, manifest } });
}

function methodOf(name) {
  return name.startsWith("volume") ? "vrn" : "pix2face";
}

/** Mean NME of the photos, and how many faces were found where the detector is what varies. */
async function accuracy(network) {
  const { name } = network;
  const reconstructor = await loadWith(network);
  const errors = [];
  for (const { image, points, box } of photos) {
    const own = name === "detector";
    const options = { method: methodOf(name), texture: false, ...(!own && { boxes: [box] }) };
    const faces = await reconstructPhoto(reconstructor, image, options).catch(() => []);
    const face = own ? faceAt(faces, box) : faces[0];
    if (face) errors.push(normalizedMeanError(face.landmarks68, points, { predictedStride: 3 }));
  }
  await reconstructor.release();
  const nme = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  return { found: errors.length, nme };
}

/** Coefficients and landmarks of the sample's head. */
async function headOf(network) {
  const reconstructor = await loadWith(network);
  const options = { method: methodOf(network.name), texture: false };
  const [face] = await reconstructPhoto(reconstructor, sample, options);
  await reconstructor.release();
  return { coefficients: [...face.shape, ...face.expression], positions: face.mesh.positions };
}

/** Largest change of a coefficient, and of a vertex in millimeters. */
function largestDifference(a, b) {
  const coefficient = Math.max(...a.coefficients.map((x, i) => Math.abs(x - b.coefficients[i])));
  let vertex = 0;
  for (let i = 0; i < a.positions.length; i += 3) {
    const d = [0, 1, 2].map((k) => a.positions[i + k] - b.positions[i + k]);
    vertex = Math.max(vertex, 1000 * Math.hypot(...d));
  }
  return { coefficient, vertex };
}

function sameSize(a, b) {
  return Math.abs(a.length - b.length) < 0.01 * b.length;
}

function compressed(bytes) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return brotliCompressSync(bytes, { params }).length;
}

function report(name, rows) {
  const found = name === "detector";
  const lines = [
    `| ${name} | MB | MB in brotli | CPU, ms | WASM, ms | ${found ? "found | " : ""}NME of the photos | the sample's coefficients move by | its vertices by |`,
    `| --- | ---: | ---: | ---: | ---: | ${found ? "---: | " : ""}---: | ---: | ---: |`,
    ...rows.map(
      (row) =>
        `| ${row.variant} | ${row.megabytes.toFixed(2)} | ${row.brotli.toFixed(2)} | ${row.cpu.toFixed(1)} | ${row.wasm.toFixed(1)} | ` +
        `${found ? `${row.found} | ` : ""}${(100 * row.nme).toFixed(2)} % | ${row.moved.coefficient.toFixed(3)} | ${row.moved.vertex.toFixed(2)} mm |`,
    ),
  ];
  console.log(`\n${lines.join("\n")}\n`);
  const page = join(root, "docs/accuracy.md");
  const text = readFileSync(page, "utf8");
  const [before, after] = [`<!-- variants: ${name} -->`, `<!-- end of variants: ${name} -->`];
  const [start, end] = [text.indexOf(before), text.indexOf(after)];
  if (start < 0 || end < start) return;
  writeFileSync(page, `${text.slice(0, start)}${before}\n${lines.join("\n")}\n${text.slice(end)}`);
}
