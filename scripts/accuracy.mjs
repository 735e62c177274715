// Measures the default pipeline on the sixteen photos of AFLW2000-3D that lie beside the project:
// `npm run accuracy`. Prints a table, writes it into docs/accuracy.md, and draws each face to
// out/accuracy (the photos may be used for measuring only, so those pictures are never committed).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { prepare, root } from "./prepare.mjs";

const photos = join(resolve(root, process.env.HEADFORM_SHARED ?? "../shared"), "photos/aflw2000");
if (!existsSync(join(photos, "landmarks.json"))) {
  console.log("accuracy: skipped, the photos are absent (HEADFORM_SHARED names their folder)");
  process.exit(0);
}
prepare();
// Only there once everything is installed and built.
const { default: sharp } = await import("sharp");
const { rotationFromEuler, yawPitchRollFromRotation } = await import(
  "../packages/core-math/dist/index.js"
);
const { normalizedMeanError } = await import("../packages/evaluation/dist/index.js");
const { createBackend } = await import("../packages/inference/dist/node.js");
const { readHead } = await import("../packages/morphable-model/dist/index.js");
const { loadHead, loadNetwork } = await import("../packages/open-head/dist/node.js");
const { composeSheet, drawPoints, floatToImage, overlay, previewCamera, renderShaded } =
  await import("../packages/raster/dist/index.js");
const { createReconstructor, reconstructPhoto } = await import(
  "../packages/reconstruction/dist/index.js"
);

const pictures = join(root, "out/accuracy");
/** Faces turned farther than this are counted apart. */
const LARGE_YAW = 30;

mkdirSync(pictures, { recursive: true });
const truths = JSON.parse(readFileSync(join(photos, "landmarks.json"), "utf8"));
const [head, dense, detector] = [
  await loadHead(),
  await loadNetwork("dense"),
  await loadNetwork("detector"),
];
const reconstructor = await createReconstructor({
  backend: await createBackend(),
  head: readHead(head.head),
  dense,
  detector,
});

const rows = [];
for (const [name, truth] of Object.entries(truths)) {
  const image = await readPhoto(join(photos, name));
  // Published with pixel 1 as the first: its center is 0.5 here.
  const points = Float64Array.from(truth.landmarks68.flatMap(([x, y]) => [x - 0.5, y - 0.5]));
  const box = boxOf(points);
  const faces = await reconstructPhoto(reconstructor, image, { texture: true });
  const own = faces.toSorted((a, b) => overlap(b.box, box) - overlap(a.box, box))[0];
  const [given] = await reconstructPhoto(reconstructor, image, { boxes: [box], texture: !own });
  const row = {
    name,
    faces: faces.length,
    yaw: degrees(truth.pitchYawRoll[1]),
    detected:
      own && overlap(own.box, box) > 0.3 ? measure(own, points, truth.pitchYawRoll) : undefined,
    boxed: measure(given, points, truth.pitchYawRoll),
  };
  rows.push(row);
  console.log(
    `${name}  yaw ${row.yaw.toFixed(0).padStart(4)}°  NME ${percent(row.detected?.nme)} detected, ${percent(row.boxed.nme)} given box` +
      `  pose ${row.boxed.pose.map((x) => x.toFixed(1)).join(" ")}°  ${row.faces} found`,
  );
  await draw(image, own ?? given, points, join(pictures, name.replace(".jpg", ".png")));
}
await reconstructor.release();
report();

async function readPhoto(path) {
  const { data, info } = await sharp(path)
    .rotate()
    .toColorspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    channels: info.channels,
    data: new Uint8Array(data),
  };
}

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
  const pncc = {
    width: face.maps.width,
    height: face.maps.height,
    channels: 3,
    data: face.maps.pncc.map((x, i) => (face.maps.visible[Math.floor(i / 3)] > 0.5 ? x : 0)),
  };
  const sheet = composeSheet(
    [
      { image: marked, label: "truth red" },
      { image: floatToImage(pncc), label: "pncc" },
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
  const page = join(root, "docs/accuracy.md");
  if (!existsSync(page)) return;
  const [before, after] = ["<!-- accuracy table -->", "<!-- end of accuracy table -->"];
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

function boxOf(points) {
  const xs = points.filter((_, i) => i % 2 === 0);
  const ys = points.filter((_, i) => i % 2 === 1);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** Intersection over union. */
function overlap(a, b) {
  const w = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / (a.width * a.height + b.width * b.height - w * h);
}
