import { createNearestIndex, createRandom, findNearest } from "@headform/core-math";
import kd from "kd-tree-javascript";
import { medianMs } from "./median-ms.ts";
import type { Row } from "./row.ts";

const SIZES = [10_000, 40_000, 150_000];
const QUERIES = 5023;

interface Point {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Nearest neighbor in 3D: 5023 vertices looked up in ever more points of space, seed 1. */
export async function run(): Promise<Row[]> {
  const random = createRandom(1);
  const queries = Float32Array.from({ length: 3 * QUERIES }, random.uniform);
  const rows: Row[] = [];
  for (const n of SIZES) {
    const points = Float32Array.from({ length: 3 * n }, random.uniform);
    let index = createNearestIndex(points, 3);
    const build = medianMs(5, () => {
      index = createNearestIndex(points, 3);
    });
    let found = findNearest(index, queries);
    const query = medianMs(9, () => {
      found = findNearest(index, queries);
    });

    const objects = objectsOf(points);
    const asked = objectsOf(queries);
    const axes: (keyof Point)[] = ["x", "y", "z"];
    let other = new kd.kdTree<Point>([], squaredDistance, axes);
    const otherBuild = medianMs(1, () => {
      // It sorts the array it is given.
      other = new kd.kdTree([...objects], squaredDistance, axes);
    });
    let worst = 0;
    const otherQuery = medianMs(3, () => {
      asked.forEach((point, i) => {
        worst = Math.max(
          worst,
          Math.abs(other.nearest(point, 1)[0][1] - found.squaredDistances[i]),
        );
      });
    });
    if (worst > 0) throw new Error(`nearest: the two disagree by ${worst}`);

    const against = "kd-tree-javascript 1.0.3";
    const row = (name: string, ours: number, theirs: number): Row => {
      return { bench: "nearest", case: name, n, medianMs: ours, against, ratio: theirs / ours };
    };
    rows.push(row("build", build, otherBuild), row(`${QUERIES} queries`, query, otherQuery));
  }
  return rows;
}

function objectsOf(points: Float32Array): Point[] {
  return Array.from({ length: points.length / 3 }, (_, i) => {
    return { x: points[3 * i], y: points[3 * i + 1], z: points[3 * i + 2] };
  });
}

function squaredDistance(a: Point, b: Point): number {
  return (a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2;
}
