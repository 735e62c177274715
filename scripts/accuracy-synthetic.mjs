// Measures a pipeline on held-out synthetic people, whose heads are known: `python3 -m training.held_out`,
// then `node scripts/accuracy-synthetic.mjs`, with --method, --variant and --network as of accuracy.mjs,
// and --people N for the first N of them.
// Prints what it finds and writes the means into the row that docs/accuracy.md has for the method.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { prepare, root } from "./prepare.mjs";
import { loadVolumeNetwork } from "./volume-network.mjs";
import { writeRow } from "./write-row.mjs";

const {
  method,
  variant,
  network,
  people: most,
} = parseArgs({
  options: {
    method: { type: "string", default: "pix2face" },
    variant: { type: "string", default: "plain" },
    network: { type: "string" },
    people: { type: "string", default: "1000" },
  },
}).values;

const folder = join(root, "training/.cache/held-out");
if (!existsSync(join(folder, "vertices.f32"))) {
  console.log("accuracy-synthetic: skipped, write the people first: python3 -m training.held_out");
  process.exit(0);
}
prepare();
const { default: sharp } = await import("sharp");
const { yawPitchRollFromRotation } = await import("../packages/core-math/dist/index.js");
const { applySimilarity, estimateSimilarity } = await import("../packages/mesh/dist/index.js");
const { reconstructPhoto } = await import("../packages/reconstruction/dist/index.js");
const { loadReconstructor } = await import("../packages/reconstruction/dist/node.js");

const people = JSON.parse(readFileSync(join(folder, "truth.json"), "utf8")).slice(0, most);
const bytes = readFileSync(join(folder, "vertices.f32"));
const truth = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
const reconstructor = await loadReconstructor({
  textureSize: 0,
  ...(method === "vrn" && { volume: await loadVolumeNetwork(variant, network) }),
});
const { head } = reconstructor;
const size = head.mean.length;
const skin = new Set(["faceSkin", "lips", "eyelids"].map((name) => head.regionNames.indexOf(name)));
const face = Array.from(head.regions.keys()).filter((v) => skin.has(head.regions[v]));

const rows = [];
for (const [k, { picture, box, camera, landmarks }] of people.entries()) {
  const image = await readPicture(join(folder, picture));
  let found;
  try {
    [found] = await reconstructPhoto(reconstructor, image, {
      method,
      boxes: [box],
      texture: false,
    });
  } catch (error) {
    console.log(`${picture}: ${error.message}`);
    continue;
  }
  const [neutral, posed] = [0, 1].map((i) =>
    truth.subarray((2 * k + i) * size, (2 * k + i + 1) * size),
  );
  const want = yawPitchRollFromRotation(camera.slice(0, 9));
  rows.push({
    yaw: Math.abs((want.yaw * 180) / Math.PI),
    neutral: distance(found.mesh.positions, neutral),
    posed: distance(found.posedPositions, posed),
    meanNeutral: distance(head.mean, neutral),
    meanPosed: distance(head.mean, posed),
    pose: ["yaw", "pitch", "roll"].map(
      (angle) => (Math.abs(found.yawPitchRoll[angle] - want[angle]) * 180) / Math.PI,
    ),
    nme: nme(found.landmarks68, landmarks, box),
  });
}
await reconstructor.release();

console.log(
  `${rows.length} of ${people.length} people; face vertices, mm, after similarity (as they are)`,
);
for (const [label, from, to] of [
  ["all", 0, 180],
  ["yaw below 30°", 0, 30],
  ["30 to 60°", 30, 60],
  ["beyond 60°", 60, 180],
]) {
  const some = rows.filter(({ yaw }) => yaw >= from && yaw < to);
  const at = (pick) => some.reduce((sum, row) => sum + pick(row), 0) / some.length;
  const both = (name) =>
    `${at((r) => r[name].aligned).toFixed(2)} (${at((r) => r[name].raw).toFixed(2)})`;
  console.log(
    `${label} (${some.length}): neutral ${both("neutral")}, mean head ${both("meanNeutral")};` +
      ` posed ${both("posed")}, mean head ${both("meanPosed")};` +
      ` yaw, pitch, roll ${[0, 1, 2].map((i) => at((r) => r.pose[i]).toFixed(1)).join(", ")}°;` +
      ` landmarks ${(100 * at((r) => r.nme)).toFixed(2)} %`,
  );
}

const all = (pick) => rows.reduce((sum, row) => sum + pick(row), 0) / rows.length;
const pair = (name) =>
  `${all((r) => r[name].aligned).toFixed(2)} (${all((r) => r[name].raw).toFixed(2)})`;
writeRow(join(root, "docs/accuracy.md"), "synthetic people by method", [
  method === "vrn" ? `vrn, ${variant}` : method,
  pair("neutral"),
  pair("posed"),
  `${[0, 1, 2].map((i) => all((r) => r.pose[i]).toFixed(1)).join(", ")}°`,
  `${(100 * all((r) => r.nme)).toFixed(2)} %`,
]);

/** Mean distance of face vertices, mm: as they are, and after the best similarity. */
function distance(positions, wanted) {
  const from = pick(positions);
  const to = pick(wanted);
  const aligned = applySimilarity(estimateSimilarity(from, to), from);
  return { raw: meanDistance(from, to), aligned: meanDistance(aligned, to) };
}

function pick(positions) {
  return Float64Array.from(face.flatMap((v) => [0, 1, 2].map((c) => positions[3 * v + c])));
}

function meanDistance(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i += 3) {
    sum += Math.hypot(a[i] - b[i], a[i + 1] - b[i + 1], a[i + 2] - b[i + 2]);
  }
  return (1000 * sum) / (a.length / 3);
}

/** The open head's landmarks are the annotators', the renderer's are ICT's: a bias for all alike. */
function nme(found, wanted, box) {
  const sum = wanted.reduce(
    (total, [u, v], i) => total + Math.hypot(found[3 * i] - u, found[3 * i + 1] - v),
    0,
  );
  return sum / wanted.length / Math.sqrt(box.width * box.height);
}

async function readPicture(path) {
  const { data, info } = await sharp(path)
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
