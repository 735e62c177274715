// The sixteen photos of AFLW2000-3D that lie beside the project, and what the default pipeline finds
// in them. They may be used for measuring only; nothing of them is committed.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { prepare, root } from "./prepare.mjs";

const folder = join(resolve(root, process.env.HEADFORM_SHARED ?? "../shared"), "photos/aflw2000");

/** Ends the process, with a word, where the photos are absent; else installs and builds. */
export function requirePhotos(script) {
  if (!existsSync(join(folder, "landmarks.json"))) {
    console.log(`${script}: skipped, the photos are absent (HEADFORM_SHARED names their folder)`);
    process.exit(0);
  }
  prepare();
}

/** Each photo with its published landmarks [68×2] (pixels), their box, and pitch, yaw, roll. */
export async function* measuringPhotos() {
  const truths = JSON.parse(readFileSync(join(folder, "landmarks.json"), "utf8"));
  for (const [name, truth] of Object.entries(truths)) {
    // Published with pixel 1 as the first: its center is 0.5 here.
    const points = Float64Array.from(truth.landmarks68.flatMap(([x, y]) => [x - 0.5, y - 0.5]));
    const image = await readPhoto(join(folder, name));
    yield { name, image, points, box: boxOf(points), pitchYawRoll: truth.pitchYawRoll };
  }
}

/** The face that is most likely the one the box is about. */
export function faceAt(faces, box) {
  const best = faces.toSorted((a, b) => overlap(b.box, box) - overlap(a.box, box))[0];
  return best && overlap(best.box, box) > 0.3 ? best : undefined;
}

/** A picture file as plain RGB. */
export async function readPhoto(path) {
  // Only there once everything is installed.
  const { default: sharp } = await import("sharp");
  const { data, info } = await sharp(path)
    .rotate()
    .toColorspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { width, height, channels, data: new Uint8Array(data) };
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
