import { type Fragments, interpolate, rasterize, resampleCrop } from "@headform/raster";
import { medianMs } from "./median-ms.ts";
import type { Row } from "./row.ts";

/** Rings and resolution of the spheres: growth in triangles, then in pixels. */
const CASES = [
  [35, 512],
  [70, 512],
  [140, 512],
  [70, 256],
  [70, 1024],
] as const;

const AGAINST = "plain loops: three edge functions from scratch at each pixel of the box, Float64";

/** Triangle ids, barycentrics and depth of a sphere; attributes; crops of a 12-megapixel photo. */
export async function run(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [rings, side] of CASES) {
    const { positions, indices } = screenSphere(rings, side);
    const n = indices.length / 3;
    const input = { positions, indices, width: side, height: side };
    const fragments = rasterize(input);
    const ours = medianMs(9, () => rasterize(input, fragments));
    const culled = medianMs(9, () => rasterize({ ...input, cull: "back" }, fragments));
    rasterize(input, fragments);
    const spread = medianMs(9, () => interpolate(fragments, positions, indices, 3));

    const plain = rasterize({ ...input, indices: new Uint32Array(0) });
    const theirs = medianMs(5, () => rasterizePlainly(plain, positions, indices));
    checkAgreement(fragments, plain);
    const at = `at ${side}²`;
    rows.push(
      {
        bench: "raster",
        case: `ids, barycentrics, depth ${at}`,
        n,
        medianMs: ours,
        against: AGAINST,
        ratio: theirs / ours,
      },
      { bench: "raster", case: `front sides only ${at}`, n, medianMs: culled },
      { bench: "raster", case: `three attributes ${at}`, n, medianMs: spread },
    );
  }

  const [width, height] = [4000, 3000];
  const data = new Uint8Array(width * height * 3).map((_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
  const photo = { width, height, channels: 3 as const, data };
  for (const side of [300, 1000, 2900]) {
    for (const rotation of [0, 0.3]) {
      const crop = { centerX: 2000, centerY: 1500, side, rotation };
      rows.push({
        bench: "raster",
        case: `${rotation ? "turned crop" : "crop"} of 12 MP to 128²`,
        n: side,
        medianMs: medianMs(7, () => resampleCrop(photo, crop, 128)),
      });
    }
  }
  return rows;
}

/** A sphere that nearly fills the picture, on the screen already. */
function screenSphere(
  rings: number,
  side: number,
): { positions: Float32Array; indices: Uint32Array } {
  const positions: number[] = [];
  const indices: number[] = [];
  const [center, radius] = [side / 2, 0.43 * side];
  for (let i = 0; i <= rings; i++) {
    for (let j = 0; j <= rings; j++) {
      const [polar, around] = [(Math.PI * i) / rings, (2 * Math.PI * j) / rings];
      const ring = radius * Math.sin(polar);
      positions.push(center + ring * Math.sin(around), center - radius * Math.cos(polar));
      positions.push(ring * Math.cos(around));
      if (i === rings || j === rings) continue;
      const a = i * (rings + 1) + j;
      indices.push(a, a + rings + 1, a + rings + 2, a, a + rings + 2, a + 1);
    }
  }
  return { positions: Float32Array.from(positions), indices: Uint32Array.from(indices) };
}

/** What one writes first: no increments, no snapping, no rule for edges, both sides. */
function rasterizePlainly(out: Fragments, positions: Float32Array, indices: Uint32Array): void {
  const { width, height, triangles, barycentrics, depth } = out;
  triangles.fill(-1);
  depth.fill(Number.NEGATIVE_INFINITY);
  for (let t = 0; t < indices.length / 3; t++) {
    const [a, b, c] = [3 * indices[3 * t], 3 * indices[3 * t + 1], 3 * indices[3 * t + 2]];
    const [ax, ay] = [positions[a], positions[a + 1]];
    const [bx, by] = [positions[b], positions[b + 1]];
    const [cx, cy] = [positions[c], positions[c + 1]];
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    if (area === 0) continue;
    const x1 = Math.min(width - 1, Math.floor(Math.max(ax, bx, cx)));
    const y1 = Math.min(height - 1, Math.floor(Math.max(ay, by, cy)));
    for (let y = Math.max(0, Math.floor(Math.min(ay, by, cy))); y <= y1; y++) {
      for (let x = Math.max(0, Math.floor(Math.min(ax, bx, cx))); x <= x1; x++) {
        const [px, py] = [x + 0.5, y + 0.5];
        const wa = ((bx - px) * (cy - py) - (by - py) * (cx - px)) / area;
        const wb = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) / area;
        const wc = ((ax - px) * (by - py) - (ay - py) * (bx - px)) / area;
        if (wa < 0 || wb < 0 || wc < 0) continue;
        const z = wa * positions[a + 2] + wb * positions[b + 2] + wc * positions[c + 2];
        const i = y * width + x;
        if (z <= depth[i]) continue;
        depth[i] = z;
        triangles[i] = t;
        barycentrics[3 * i] = wa;
        barycentrics[3 * i + 1] = wb;
        barycentrics[3 * i + 2] = wc;
      }
    }
  }
}

/** Both must have drawn one picture, but for the silhouette and ties on edges. */
function checkAgreement(ours: Fragments, theirs: Fragments): void {
  let different = 0;
  for (let i = 0; i < ours.triangles.length; i++) {
    if (ours.triangles[i] !== theirs.triangles[i]) different++;
  }
  if (different > 0.01 * ours.triangles.length) {
    throw new Error(`raster: the two disagree at ${different} pixels`);
  }
}
