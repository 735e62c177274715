// Draws the sheets of docs/accuracy.md to docs/images: `node scripts/draw-sheets.mjs`.
//
// photos.jpg    the heads found in the measuring photos, drawn as clay where they lie in the photo, with
//               its published landmarks and ours. The photos themselves may not be shown.
// failures.jpg  the held-out synthetic people (`python3 -m training.held_out`) with the worst landmarks.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { faceAt, measuringPhotos, readPhoto, requirePhotos } from "./measuring-photos.mjs";
import { root } from "./prepare.mjs";

requirePhotos("draw-sheets");
const { default: sharp } = await import("sharp");
const { normalizedMeanError } = await import("../packages/evaluation/dist/index.js");
const { composeSheet, cropFromBox, drawPoints, overlay, renderShaded, resampleCrop } = await import(
  "../packages/raster/dist/index.js"
);
const { reconstructPhoto } = await import("../packages/reconstruction/dist/index.js");
const { loadReconstructor } = await import("../packages/reconstruction/dist/node.js");

const CELL = 240;
const WORST = 8;
const TRUTH = [255, 80, 80];
const images = join(root, "docs/images");
const reconstructor = await loadReconstructor({ textureSize: 0 });

const heads = [];
for await (const { name, image, points, box } of measuringPhotos()) {
  const face = faceAt(await reconstructPhoto(reconstructor, image), box);
  const plain = { ...image, data: new Uint8Array(image.data.length).fill(60) };
  const drawn = face ? clayOver(plain, face) : plain;
  heads.push({ image: marked(drawn, points, face, box), label: name.slice(5, 10) });
}
await save(heads, "photos.jpg");

const folder = join(root, "training/.cache/held-out");
if (existsSync(join(folder, "truth.json"))) {
  const found = [];
  for (const person of JSON.parse(readFileSync(join(folder, "truth.json"), "utf8"))) {
    const image = await readPhoto(join(folder, person.picture));
    const points = Float64Array.from(person.landmarks.flat());
    const [face] = await reconstructPhoto(reconstructor, image, { boxes: [person.box] }).catch(
      () => [],
    );
    if (!face) continue;
    const error = normalizedMeanError(face.landmarks68, points, { predictedStride: 3 });
    found.push({ image, points, face, error, box: person.box });
  }
  const worst = found.toSorted((a, b) => b.error - a.error).slice(0, WORST);
  const cells = worst.flatMap(({ image, points, face, error, box }) => [
    { image: crop(image, box), label: `${(100 * error).toFixed(1)} %` },
    { image: marked(clayOver(image, face), points, face, box), label: "found" },
  ]);
  await save(cells, "failures.jpg");
} else {
  console.log("draw-sheets: no failures.jpg, write the people first: python3 -m training.held_out");
}
await reconstructor.release();

function clayOver(image, face) {
  const { normals: _, texture: __, ...rest } = face.mesh;
  const mesh = { ...rest, positions: face.posedPositions, morphTargets: [] };
  const { width, height } = image;
  return overlay(
    image,
    renderShaded(mesh, face.camera, { width, height, background: "transparent" }),
    0.85,
  );
}

/** The crop around the box, with the true landmarks and the found ones. */
function marked(image, points, face, box) {
  const radius = Math.max(box.width, box.height) / 120;
  const truth = drawPoints(image, points, { color: TRUTH, radius });
  return crop(face ? drawPoints(truth, face.landmarks68, { stride: 3, radius }) : truth, box);
}

function crop(image, box) {
  return resampleCrop(image, cropFromBox(box, 1.6), CELL);
}

async function save(cells, name) {
  const { data, width, height } = composeSheet(cells, {
    columns: 8,
    cellWidth: CELL,
    cellHeight: CELL,
  });
  await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 80 })
    .toFile(join(images, name));
  console.log(`written: docs/images/${name}, ${cells.length} cells`);
}
