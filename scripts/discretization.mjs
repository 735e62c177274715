// What a volume's size costs: the open head is filled with voxels and taken back as an isosurface, for
// sizes from 32 to 384, as in the study of VRN's paper (section 3.2). `node scripts/discretization.mjs`
// prints a table, writes it into packages/volume/README.md, and draws docs/images/discretization.svg.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepare, root } from "./prepare.mjs";

prepare();
const { boundsOf, closestPoints, createTriangleIndex } = await import(
  "../packages/mesh/dist/index.js"
);
const { readHead } = await import("../packages/morphable-model/dist/index.js");
const { isosurface, smoothVolume, voxelize } = await import("../packages/volume/dist/index.js");

const SIZES = [32, 48, 64, 96, 128, 192, 256, 384];
/** Voxels left free around the head. */
const MARGIN = 2;
/** What no volume can show: it lies within the head. */
const HIDDEN = /Eyeball|Iris|teeth|tongue|mouth/;

const head = readHead(readFileSync(join(root, "packages/open-head/data/head.safetensors")));
const visible = head.mean.filter(
  (_, i) => !HIDDEN.test(head.regionNames[head.regions[Math.floor(i / 3)]]),
);
const { min, max } = boundsOf({ positions: head.mean });

const rows = SIZES.map((size) => measure([size, size, size], [1, 1, 1], `${size}³`));
rows.push(measure([192, 192, 200], [1, 1, 0.5], "192×192×200, voxels half as deep"));

/** Distances in millimeters from the head's visible vertices to the surface of its volume. */
function measure(dims, shape, name) {
  const rooms = dims.map((count, axis) => (count - 1 - 2 * MARGIN) * shape[axis]);
  const voxel = Math.max(...rooms.map((room, axis) => (max[axis] - min[axis]) / room));
  const spacing = shape.map((side) => side * voxel);
  const origin = dims.map(
    (count, axis) => (min[axis] + max[axis] - (count - 1) * spacing[axis]) / 2,
  );
  const grid = voxelize(
    { positions: head.mean, indices: head.indices, unit: "m" },
    { dims, spacing, origin },
  );
  const errors = [grid, smoothVolume(grid, 1)].map((volume) => {
    const index = createTriangleIndex(isosurface(volume, { normals: false }));
    const distances = closestPoints(index, visible).squaredDistances;
    const sorted = Float64Array.from(distances, (squared) => 1000 * Math.sqrt(squared)).sort();
    return {
      mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
      high: sorted[Math.floor(0.95 * sorted.length)],
    };
  });
  process.stderr.write(`${name}: ${errors.map(({ mean }) => mean.toFixed(3)).join(", ")} mm\n`);
  return { name, size: dims[0], voxel: 1000 * voxel, errors };
}

const digits = (value) => value.toPrecision(2);
const table = [
  "| size | voxel, mm | mean error, mm | 95 % below | blurred by a voxel: mean | 95 % below |",
  "| --- | --- | --- | --- | --- | --- |",
  ...rows.map(
    ({ name, voxel, errors: [plain, soft] }) =>
      `| ${name} | ${digits(voxel)} | ${[plain.mean, plain.high, soft.mean, soft.high].map(digits).join(" | ")} |`,
  ),
].join("\n");
process.stdout.write(`${table}\n`);
const page = join(root, "packages/volume/README.md");
const [start, end] = ["<!-- discretization -->", "<!-- end of discretization -->"];
const text = readFileSync(page, "utf8");
const [before, rest] = text.split(start);
writeFileSync(page, `${before}${start}\n\n${table}\n\n${end}${rest.split(end)[1]}`);
writeFileSync(join(root, "docs/images/discretization.svg"), draw(rows.slice(0, SIZES.length)));

/** Both means over the size, both axes logarithmic. */
function draw(points) {
  const [width, height, left, bottom] = [640, 400, 70, 60];
  const levels = [0.1, 0.2, 0.5, 1, 2, 5];
  const place = (value, [low, high], from, to) =>
    from + ((to - from) * Math.log(value / low)) / Math.log(high / low);
  const x = (size) => place(size, [SIZES[0], SIZES.at(-1)], left, width - 30);
  const y = (mm) => place(mm, [levels[0], levels.at(-1)], height - bottom, 30);
  const text = (at, up, words, more = "") =>
    `<text x="${at.toFixed(1)}" y="${up.toFixed(1)}" ${more}>${words}</text>`;
  const line = (pick, color, dash) =>
    `<polyline fill="none" stroke="${color}" stroke-width="2.5" stroke-dasharray="${dash}" points="${points
      .map((row) => `${x(row.size).toFixed(1)},${y(pick(row)).toFixed(1)}`)
      .join(" ")}"/>`;
  const curves = [
    ["#1b6ca8", "", ({ errors }) => errors[0].mean, "volume of 0 and 1"],
    ["#c8553d", "", ({ errors }) => errors[1].mean, "blurred by a voxel"],
    ["#888888", "5 4", ({ voxel }) => voxel / 2, "half a voxel"],
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13" fill="#333"><title>Distance of the isosurface from the mesh, by volume size</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...levels.map(
      (mm) =>
        `<path d="M${left} ${y(mm).toFixed(1)}H${width - 30}" stroke="#ddd"/>${text(left - 8, y(mm) + 4, mm, 'text-anchor="end"')}`,
    ),
    ...SIZES.map((size) => text(x(size), height - bottom + 20, size, 'text-anchor="middle"')),
    text(
      (left + width) / 2,
      height - 18,
      "samples along each side of the volume",
      'text-anchor="middle"',
    ),
    text(20, 200, "mean distance, mm", 'text-anchor="middle" transform="rotate(-90 20 200)"'),
    ...curves.map(([color, dash, pick]) => line(pick, color, dash)),
    ...curves.map(
      ([color, dash, , name], i) =>
        `<path d="M${width - 220} ${48 + 20 * i}h30" stroke="${color}" stroke-width="2.5" stroke-dasharray="${dash}"/>${text(width - 182, 52 + 20 * i, name)}`,
    ),
    "</svg>",
    "",
  ].join("\n");
}
