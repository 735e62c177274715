// Measures a pipeline on the sixteen photos of AFLW2000-3D that lie beside the project:
//
//   npm run accuracy                                     the default, Pix2Face's way
//   npm run accuracy -- --method pixel3dmm
//   npm run accuracy -- --method vrn --variant guided    plain unless told
//   npm run accuracy -- --method vrn --variant multitask --network FILE.onnx    a network that is not shipped
//
// Prints a table, writes it into docs/accuracy.md where the page has its markers, its means into the row
// that the page has for the method, draws the cumulative errors to docs/images, and each face to
// out/accuracy (the photos may be used for measuring only, so those pictures are never committed).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { faceAt, measuringPhotos, requirePhotos } from "./measuring-photos.mjs";
import { root } from "./prepare.mjs";
import { loadVolumeNetwork } from "./volume-network.mjs";
import { writeRow } from "./write-row.mjs";

const { method, variant, network } = parseArgs({
  options: {
    method: { type: "string", default: "pix2face" },
    variant: { type: "string", default: "plain" },
    network: { type: "string" },
  },
}).values;
/** Of the table's markers, the pictures' folder and the curve's file. */
const name = method === "vrn" ? `vrn-${variant}` : method;
const isDefault = name === "pix2face";

requirePhotos("accuracy");
// Only there once everything is installed and built.
const { default: sharp } = await import("sharp");
const { rotationFromEuler, yawPitchRollFromRotation } = await import(
  "../packages/core-math/dist/index.js"
);
const { cumulativeErrors, drawErrorCurves, normalizedMeanError } = await import(
  "../packages/evaluation/dist/index.js"
);
const { composeSheet, drawPoints, floatToImage, overlay, previewCamera, renderShaded } =
  await import("../packages/raster/dist/index.js");
const { reconstructPhoto } = await import("../packages/reconstruction/dist/index.js");
const { loadReconstructor } = await import("../packages/reconstruction/dist/node.js");

const pictures = join(root, "out", isDefault ? "accuracy" : `accuracy-${name}`);
/** Faces turned farther than this are counted apart. */
const LARGE_YAW = 30;
/** Where the curve of errors ends. */
const CURVE_LIMIT = 0.08;

mkdirSync(pictures, { recursive: true });
const reconstructor = await loadReconstructor(
  method === "vrn" ? { volume: await loadVolumeNetwork(variant, network) } : {},
);

const rows = [];
for await (const { name: photo, image, points, box, pitchYawRoll } of measuringPhotos()) {
  const faces = await reconstructPhoto(reconstructor, image, { method, texture: true });
  const own = faceAt(faces, box);
  const [given] = await reconstructPhoto(reconstructor, image, {
    method,
    boxes: [box],
    texture: !own,
  });
  const row = {
    name: photo,
    faces: faces.length,
    yaw: degrees(pitchYawRoll[1]),
    detected: own && measure(own, points, pitchYawRoll),
    boxed: measure(given, points, pitchYawRoll),
  };
  rows.push(row);
  console.log(
    `${photo}  yaw ${row.yaw.toFixed(0).padStart(4)}°  NME ${percent(row.detected?.nme)} detected, ${percent(row.boxed.nme)} given box` +
      `  pose ${row.boxed.pose.map((x) => x.toFixed(1)).join(" ")}°  ${row.faces} found`,
  );
  await draw(image, own ?? given, points, join(pictures, photo.replace(".jpg", ".png")));
}
await reconstructor.release();
report();

function measure(face, points, [pitch, yaw, roll]) {
  const found = face.yawPitchRoll;
  // The published angles turn the other way, and roll comes first.
  const truth = yawPitchRollFromRotation(rotationFromEuler([-pitch, -yaw, -roll], "XYZ"));
  return {
    nme: normalizedMeanError(face.landmarks68, points, { predictedStride: 3 }),
    pose: [found.yaw - truth.yaw, found.pitch - truth.pitch, found.roll - truth.roll].map(degrees),
  };
}

async function draw(image, face, points, path) {
  const { width, height } = image;
  const posed = { ...face.mesh, positions: face.posedPositions, morphTargets: [] };
  delete posed.normals;
  const clay = { ...posed };
  delete clay.texture;
  const size = { width: 400, height: 400 };
  const over = renderShaded(clay, face.camera, { width, height, background: "transparent" });
  const marked = drawPoints(
    drawPoints(image, points, { color: [255, 80, 80], radius: 1.5 }),
    face.landmarks68,
    { stride: 3, radius: 1.5 },
  );
  const view = (mesh, yaw) => renderShaded(mesh, previewCamera(mesh, { ...size, yaw }), size);
  const pncc = face.maps && {
    width: face.maps.width,
    height: face.maps.height,
    channels: 3,
    data: face.maps.pncc.map((x, i) => (face.maps.visible[Math.floor(i / 3)] > 0.5 ? x : 0)),
  };
  const sheet = composeSheet(
    [
      { image: marked, label: "truth red" },
      pncc ? { image: floatToImage(pncc), label: "pncc" } : { image, label: "photo" },
      { image: overlay(image, over, 0.8), label: "fit" },
      { image: view(clay, 0), label: "front" },
      { image: view(posed, 0), label: "texture" },
      { image: view(posed, 0.6), label: "right" },
      { image: view(posed, -0.6), label: "left" },
      { image: face.mesh.texture ?? image, label: "texture map" },
    ],
    { columns: 4, cellWidth: 400, cellHeight: 400 },
  );
  await sharp(sheet.data, { raw: { width: sheet.width, height: sheet.height, channels: 3 } })
    .png()
    .toFile(path);
}

function report() {
  const found = rows.filter((row) => row.detected);
  const lines = [
    "| photo | yaw | NME, own detection | NME, given box | yaw, pitch, roll error |",
    "| --- | --- | --- | --- | --- |",
    ...rows.map(
      (row) =>
        `| ${row.name.slice(5, 10)} | ${row.yaw.toFixed(0)}° | ${percent(row.detected?.nme)} | ${percent(row.boxed.nme)} | ${row.boxed.pose.map((x) => x.toFixed(1)).join(", ")} |`,
    ),
    summary("mean of all", rows, mean),
    summary("median", rows, median),
    summary(
      `mean, yaw below ${LARGE_YAW}°`,
      rows.filter((row) => Math.abs(row.yaw) < LARGE_YAW),
      mean,
    ),
    summary(
      `mean, yaw above ${LARGE_YAW}°`,
      rows.filter((row) => Math.abs(row.yaw) >= LARGE_YAW),
      mean,
    ),
  ];
  console.log(`\nfound ${found.length} of ${rows.length}\n\n${lines.join("\n")}`);
  const curve = (label, pick) => ({
    label,
    // A face that was not found is beyond every limit.
    ...cumulativeErrors(
      rows.map((row) => pick(row) ?? Number.POSITIVE_INFINITY),
      CURVE_LIMIT,
    ),
  });
  writeFileSync(
    join(root, `docs/images/nme-${name}.svg`),
    drawErrorCurves(
      [
        curve("own detection", (row) => row.detected?.nme),
        curve("given box", (row) => row.boxed.nme),
      ],
      { title: `${name}, ${rows.length} photos`, errorLabel: "NME, % of √(w·h)", errorScale: 100 },
    ),
  );
  const page = join(root, "docs/accuracy.md");
  if (!existsSync(page)) return;
  writeRow(page, "accuracy by method", methodRow());
  const mark = isDefault ? "accuracy table" : `accuracy table: ${name}`;
  const [before, after] = [`<!-- ${mark} -->`, `<!-- end of ${mark} -->`];
  const text = readFileSync(page, "utf8");
  const [start, end] = [text.indexOf(before), text.indexOf(after)];
  if (start < 0 || end < start) return;
  const table = `${before}\nFound ${found.length} of ${rows.length} faces.\n\n${lines.join("\n")}\n${after}`;
  writeFileSync(page, text.slice(0, start) + table + text.slice(end + after.length));
}

function summary(label, list, statistic) {
  const of = (pick) => statistic(list.map(pick).filter((x) => x !== undefined));
  const pose = [0, 1, 2].map((i) =>
    statistic(list.map((row) => Math.abs(row.boxed.pose[i]))).toFixed(1),
  );
  return `| **${label}** | | **${percent(of((row) => row.detected?.nme))}** | **${percent(of((row) => row.boxed.nme))}** | ${pose.join(", ")} |`;
}

/** One line for the method, of given boxes: means, median, turned little and far, pose, worst. */
function methodRow() {
  const nme = (list, statistic) => percent(statistic(list.map((row) => row.boxed.nme)));
  const isFar = (row) => Math.abs(row.yaw) >= LARGE_YAW;
  const pose = [0, 1, 2].map((i) =>
    mean(rows.map((row) => Math.abs(row.boxed.pose[i]))).toFixed(1),
  );
  const worst = rows.toSorted((a, b) => b.boxed.nme - a.boxed.nme)[0];
  return [
    name.replace("-", ", "),
    nme(rows, mean),
    nme(rows, median),
    nme(
      rows.filter((row) => !isFar(row)),
      mean,
    ),
    nme(rows.filter(isFar), mean),
    pose.join(", "),
    `${worst.name.slice(5, 10)}, ${percent(worst.boxed.nme)}`,
  ];
}

function mean(list) {
  return list.reduce((sum, x) => sum + x, 0) / list.length;
}

function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function percent(x) {
  return x === undefined ? "not found" : `${(100 * x).toFixed(2)} %`;
}

function degrees(x) {
  return (x * 180) / Math.PI;
}
