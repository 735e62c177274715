// Finds which points of the open head the published 68 landmarks mean: `npm run calibrate`.
//
// Annotators' jaw line and brows are not anatomical points of ours, so the definition is a choice
// (Pix2Face, section 4, chooses vertices by reprojection). With the fits of the measuring photos held,
// one shift on the mean head is solved for each landmark and its mirror image, starting from
// training/head/landmarks-anatomical.json, which knows no photo. Prints the error that each photo has
// under the definition found from the other fifteen, and with --write puts the definition of all into
// training/head/landmarks.json, from which the head is built again.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faceAt, measuringPhotos, requirePhotos } from "./measuring-photos.mjs";
import { root } from "./prepare.mjs";

requirePhotos("calibrate");
const { projectPoints } = await import("../packages/camera/dist/index.js");
const { normalizedMeanError } = await import("../packages/evaluation/dist/index.js");
const { closestPoints, createTriangleIndex } = await import("../packages/mesh/dist/index.js");
const { evaluateSurfacePoints, readHead } = await import(
  "../packages/morphable-model/dist/index.js"
);
const { loadHead } = await import("../packages/open-head/dist/node.js");
const { reconstructPhoto } = await import("../packages/reconstruction/dist/index.js");
const { loadReconstructor } = await import("../packages/reconstruction/dist/node.js");

/** Strength, in photos, of the belief that the definition is right as it is (shifts in cm). */
const RIDGE = 0.3;
/** Reprojection, as a share of the face's size, beyond which a photo counts less. */
const ROBUST = 0.05;
/** Shifts are solved anew from where the last ones led; after four nothing moves. */
const ROUNDS = 4;
const UPPER_LIP = [49, 50, 51, 52, 53, 61, 62, 63];
const LOWER_LIP = [55, 56, 57, 58, 59, 65, 66, 67];

const head = readHead((await loadHead()).head);
const surfaces = skinSurfaces();
const anatomical = embed(
  JSON.parse(readFileSync(join(root, "training/head/landmarks-anatomical.json"), "utf8")).flat(),
);
const mirror = mirrorImages(onMean(anatomical));

// The photos are fitted with a head that has the anatomical points, as crops follow the landmarks.
const reconstructor = await loadReconstructor({
  textureSize: 0,
  head: {
    ...head,
    landmarkTriangles: anatomical.triangles,
    landmarkBarycentrics: anatomical.barycentrics,
  },
});
const fits = [];
for await (const { name, image, points, box } of measuringPhotos()) {
  const face = faceAt(await reconstructPhoto(reconstructor, image), box);
  if (!face) continue;
  const size = Math.sqrt(box.width * box.height);
  fits.push({ name, points, size, camera: face.camera, positions: face.posedPositions });
}
await reconstructor.release();

const asShipped = fits.map((fit) =>
  errorOf(fit, { triangles: head.landmarkTriangles, barycentrics: head.landmarkBarycentrics }),
);
const untouched = fits.map((fit) => errorOf(fit, anatomical));
const leftOut = fits.map((fit, i) => {
  const error = errorOf(fit, embed(solve(fits.filter((_, k) => k !== i))));
  console.log(`${fit.name}  as shipped ${percent(asShipped[i])}  left out ${percent(error)}`);
  return error;
});
const final = solve(fits);
const inSample = fits.map((fit) => errorOf(fit, embed(final)));
console.log(
  `mean of ${fits.length}: nothing from photos ${percent(average(untouched))}, as shipped ${percent(average(asShipped))}, each by the others ${percent(average(leftOut))}, all by all ${percent(average(inSample))}`,
);
if (process.argv.includes("--write")) {
  const rows = Array.from({ length: 68 }, (_, k) =>
    Array.from(final.subarray(3 * k, 3 * k + 3), (value) => Math.round(value * 1e6) / 1e6),
  );
  const path = join(root, "training/head/landmarks.json");
  writeFileSync(path, `[\n${rows.map((row) => `  [${row.join(", ")}]`).join(",\n")}\n]\n`);
  console.log(`written: ${path}`);
}

/** [68×3] points near the mean head: one shift for each landmark and its mirror image. */
function solve(photos) {
  let points = onMean(anatomical);
  for (let round = 0; round < ROUNDS; round++) points = shift(embed(points), photos);
  return points;
}

/** [68×3] where one step of robust least squares moves the points, held to the anatomical ones. */
function shift(at, photos) {
  const mean = onMean(at);
  const home = onMean(anatomical);
  const result = Float64Array.from(mean);
  for (let k = 0; k < 68; k++) {
    const normal = [RIDGE, 0, 0, 0, RIDGE, 0, 0, 0, RIDGE];
    const right = [0, 1, 2].map((a) => 100 * RIDGE * (home[3 * k + a] - mean[3 * k + a]));
    for (const [mark, flip] of k === mirror[k]
      ? [[k, 1]]
      : [
          [k, 1],
          [mirror[k], -1],
        ]) {
      for (const { camera, positions, points, size } of photos) {
        const here = evaluateSurfacePoints(positions, head.indices, {
          triangles: at.triangles.subarray(mark, mark + 1),
          barycentrics: at.barycentrics.subarray(3 * mark, 3 * mark + 3),
        });
        // The point and its neighbors 1 cm along each axis.
        const moved = projectPoints(
          camera,
          Float64Array.of(
            ...here,
            here[0] + 0.01 * flip,
            here[1],
            here[2],
            here[0],
            here[1] + 0.01,
            here[2],
            here[0],
            here[1],
            here[2] + 0.01,
          ),
        );
        const residual = [0, 1].map((c) => (points[2 * mark + c] - moved[c]) / size);
        const weight = 1 / (1 + (Math.hypot(...residual) / ROBUST) ** 2);
        for (let c = 0; c < 2; c++) {
          const row = [1, 2, 3].map((step) => (moved[3 * step + c] - moved[c]) / size);
          // A face is about 15 cm: in these units both sides are centimeters.
          for (let a = 0; a < 3; a++) {
            right[a] += weight * 225 * row[a] * residual[c];
            for (let b = 0; b < 3; b++) normal[3 * a + b] += weight * 225 * row[a] * row[b];
          }
        }
      }
    }
    const step = solve3(normal, right);
    for (let a = 0; a < 3; a++) result[3 * k + a] += 0.01 * step[a];
    if (k === mirror[k]) result[3 * k] = 0;
  }
  return result;
}

/** The skin's points closest to the given ones; lips each on their own side of the mouth. */
function embed(points) {
  const triangles = new Uint32Array(68);
  const barycentrics = new Float32Array(3 * 68);
  for (let k = 0; k < 68; k++) {
    const surface = UPPER_LIP.includes(k)
      ? surfaces.upper
      : LOWER_LIP.includes(k)
        ? surfaces.lower
        : surfaces.all;
    const found = closestPoints(surface, Float64Array.from(points.slice(3 * k, 3 * k + 3)));
    triangles[k] = found.triangles[0];
    barycentrics.set(found.barycentrics, 3 * k);
  }
  return { triangles, barycentrics };
}

/** [68×3] places on the mean head. */
function onMean(surfacePoints) {
  return Float64Array.from(evaluateSurfacePoints(head.mean, head.indices, surfacePoints));
}

function errorOf({ camera, positions, points }, surfacePoints) {
  const found = projectPoints(
    camera,
    evaluateSurfacePoints(positions, head.indices, surfacePoints),
  );
  return normalizedMeanError(found, points, { predictedStride: 3 });
}

function skinSurfaces() {
  const skin = new Set(
    ["faceSkin", "lips", "eyelids", "ears"].map((name) => head.regionNames.indexOf(name)),
  );
  const size = head.mean.length;
  const k = head.expressionNames.indexOf("jawOpen");
  const jaw = head.expressionBasis.subarray(k * size, (k + 1) * size);
  const drop = (v) => Math.hypot(jaw[3 * v], jaw[3 * v + 1], jaw[3 * v + 2]);
  const triangles = Array.from({ length: head.indices.length / 3 }, (_, t) => t).filter((t) =>
    cornersOf(t).every((v) => skin.has(head.regions[v])),
  );
  const mesh = { positions: head.mean, indices: head.indices };
  const index = (keep) => createTriangleIndex(mesh, Uint32Array.from(triangles.filter(keep)));
  return {
    all: index(() => true),
    upper: index((t) => cornersOf(t).every((v) => drop(v) < 0.012)),
    lower: index((t) => cornersOf(t).every((v) => drop(v) > 0.012)),
  };
}

function cornersOf(triangle) {
  return head.indices.subarray(3 * triangle, 3 * triangle + 3);
}

function mirrorImages(points) {
  return Array.from({ length: 68 }, (_, k) => {
    let [best, least] = [k, Infinity];
    for (let j = 0; j < 68; j++) {
      const d = Math.hypot(
        points[3 * j] + points[3 * k],
        points[3 * j + 1] - points[3 * k + 1],
        points[3 * j + 2] - points[3 * k + 2],
      );
      if (d < least) [best, least] = [j, d];
    }
    return best;
  });
}

function solve3(a, b) {
  const det = (x, y, z) =>
    x[0] * (y[1] * z[2] - y[2] * z[1]) -
    y[0] * (x[1] * z[2] - x[2] * z[1]) +
    z[0] * (x[1] * y[2] - x[2] * y[1]);
  const columns = [0, 1, 2].map((c) => [a[c], a[3 + c], a[6 + c]]);
  const whole = det(...columns);
  return [0, 1, 2].map((c) => det(...columns.map((column, i) => (i === c ? b : column))) / whole);
}

function average(list) {
  return list.reduce((sum, x) => sum + x, 0) / list.length;
}

function percent(x) {
  return `${(100 * x).toFixed(2)} %`;
}
