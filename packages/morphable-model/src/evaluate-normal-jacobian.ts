import { cross, dot } from "@headform/core-math/vec3";
import { evaluateJacobian, type JacobianOptions } from "./evaluate-jacobian.ts";
import type { SkinnedCoefficients, SkinnedModel } from "./skinned-model.ts";

/** Vertex normals and how they turn with each coefficient. */
export interface NormalJacobian {
  /** [N×3] of length 1, or 0 where no triangle of any area meets the vertex. */
  readonly normals: Float64Array;
  /** [3N×C] row-major: shapes, expressions, three per joint, eyelids. */
  readonly jacobian: Float64Array;
  /** C */
  readonly columns: number;
}

/**
 * Vertex normals of a skinned head, those of `computeNormals`, and their derivatives with respect to
 * shape, expression and the axis-angle numbers of the joints.
 *
 * A triangle with unit normal n, double area A and angle α at the vertex adds α·n. When its corner q,
 * opposite to the edge e, moves by dq:
 *
 * ```text
 * d(α·n) = n·(∂α/∂q · dq) + (α/A)·(n × e)·(n · dq)
 * ∂α/∂b = −n × (b − a)/|b − a|²,  ∂α/∂c = n × (c − a)/|c − a|²,  ∂α/∂a = −∂α/∂b − ∂α/∂c
 * ```
 *
 * @param model the skinned model
 * @param coefficients where the derivatives are taken
 * @param options vertices (rows) and coefficients (columns) wanted
 * @throws RangeError for what {@link evaluateJacobian} refuses
 */
export function evaluateNormalJacobian(
  model: SkinnedModel,
  coefficients: SkinnedCoefficients = {},
  options: JacobianOptions = {},
): NormalJacobian {
  const vertexCount = model.template.length / 3;
  const wanted = options.vertices ?? Uint32Array.from({ length: vertexCount }, (_, v) => v);
  // 1. Wanted vertices with their triangles, and the vertices of those.
  const fans = new Map<number, number[]>();
  for (let i = 0; i < wanted.length; i++) fans.set(wanted[i], []);
  const slots = new Map<number, number>();
  const slotOf = (v: number): void => {
    if (!slots.has(v)) slots.set(v, slots.size);
  };
  for (let i = 0; i < wanted.length; i++) slotOf(wanted[i]);
  const { indices } = model;
  for (let i = 0; i < indices.length; i++) {
    const fan = fans.get(indices[i]);
    if (!fan) continue;
    const first = i - (i % 3);
    const next = indices[first + ((i + 1) % 3)];
    const after = indices[first + ((i + 2) % 3)];
    fan.push(next, after);
    slotOf(next);
    slotOf(after);
  }
  const ring = Uint32Array.from(slots.keys());
  const moving = evaluateJacobian(model, coefficients, { ...options, vertices: ring });

  // 2. Per wanted vertex: one 3×3 block per vertex that turns its normal, then the product.
  const { columns, positions } = moving;
  const normals = new Float64Array(3 * wanted.length);
  const jacobian = new Float64Array(3 * wanted.length * columns);
  const sum = new Float64Array(3);
  for (let i = 0; i < wanted.length; i++) {
    const center = slots.get(wanted[i]) as number;
    const fan = fans.get(wanted[i]) as number[];
    const blocks = new Map<number, Float64Array>();
    const blockOf = (slot: number): Float64Array => {
      const known = blocks.get(slot) ?? new Float64Array(9);
      blocks.set(slot, known);
      return known;
    };
    sum.fill(0);
    for (let t = 0; t < fan.length; t += 2) {
      const b = slots.get(fan[t]) as number;
      const c = slots.get(fan[t + 1]) as number;
      addTriangle(sum, positions, [center, b, c], [blockOf(center), blockOf(b), blockOf(c)]);
    }
    const length = Math.hypot(sum[0], sum[1], sum[2]);
    if (length === 0) continue;
    for (let axis = 0; axis < 3; axis++) normals[3 * i + axis] = sum[axis] / length;
    const normal = normals.subarray(3 * i, 3 * i + 3);
    for (const [slot, block] of blocks) {
      const target = 3 * i * columns;
      projectBlock(block, normal, length);
      addProduct(jacobian, target, block, moving.jacobian, 3 * slot * columns, columns);
    }
  }
  return { normals, jacobian, columns };
}

/** Adds a triangle's α·n at its first corner, and its derivative by each corner to its block. */
function addTriangle(
  sum: Float64Array,
  positions: Float64Array,
  corners: readonly [number, number, number],
  blocks: readonly [Float64Array, Float64Array, Float64Array],
): void {
  const edge = (from: number, to: number): number[] =>
    [0, 1, 2].map((axis) => positions[3 * to + axis] - positions[3 * from + axis]);
  const [a, b, c] = corners;
  const ab = edge(a, b);
  const ac = edge(a, c);
  const product = cross([0, 0, 0], ab, ac);
  const area = Math.hypot(...product);
  if (area === 0) return;
  const n = product.map((value) => value / area);
  const angle = Math.atan2(area, dot(ab, ac));
  const squareB = dot(ab, ab);
  const squareC = dot(ac, ac);
  const byB = cross([0, 0, 0], n, ab).map((value) => -value / squareB);
  const byC = cross([0, 0, 0], n, ac).map((value) => value / squareC);
  const byA = byB.map((value, axis) => -value - byC[axis]);
  const angles = [byA, byB, byC];
  const opposite = [edge(c, b), ac, edge(b, a)];
  for (let corner = 0; corner < 3; corner++) {
    const turn = cross([0, 0, 0], n, opposite[corner]);
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 3; column++) {
        blocks[corner][3 * row + column] +=
          n[row] * angles[corner][column] + (angle / area) * turn[row] * n[column];
      }
    }
  }
  for (let axis = 0; axis < 3; axis++) sum[axis] += angle * n[axis];
}

/** block ← (I − n·nᵀ)·block / length: the derivative of a sum to that of its direction. */
function projectBlock(block: Float64Array, n: ArrayLike<number>, length: number): void {
  for (let column = 0; column < 3; column++) {
    const along = n[0] * block[column] + n[1] * block[3 + column] + n[2] * block[6 + column];
    for (let row = 0; row < 3; row++) {
      block[3 * row + column] = (block[3 * row + column] - n[row] * along) / length;
    }
  }
}

/** target[3×C] += block[3×3]·source[3×C] */
function addProduct(
  target: Float64Array,
  targetAt: number,
  block: Float64Array,
  source: Float64Array,
  sourceAt: number,
  columns: number,
): void {
  for (let row = 0; row < 3; row++) {
    const x = block[3 * row];
    const y = block[3 * row + 1];
    const z = block[3 * row + 2];
    const to = targetAt + row * columns;
    for (let c = 0; c < columns; c++) {
      target[to + c] +=
        x * source[sourceAt + c] +
        y * source[sourceAt + columns + c] +
        z * source[sourceAt + 2 * columns + c];
    }
  }
}
