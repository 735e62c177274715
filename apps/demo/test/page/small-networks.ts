import { createHash } from "node:crypto";
import type { PerspectiveCamera } from "@headform/camera";
import type { DenseManifest, DetectorManifest, ManifestHead } from "@headform/inference";
import type { PcaModel } from "@headform/morphable-model";
import {
  addConstant,
  addInput,
  addNode,
  addOutput,
  createGraph,
  type Graph,
  writeOnnx,
} from "@headform/networks/onnx";
import { rasterizeMesh, renderPncc } from "@headform/raster";

// Networks of a few thousand weights, for a graphics card that is none: they know beforehand where
// the sample's face is and what the mean head looks like from the front, and add to it a little of
// what convolutions make of the picture, so that wrong sums give another head.

/** Sides of the dense network's planes. */
const SIZE = 64;
/** Half the side of the cube whose points the PNCC planes tell, meters. */
const REACH = 0.2;
/** What the convolutions add: 2 mm where a plane of the picture is white. */
const FAINT = 0.01;
/** The sample is 640 by 800 pixels, looked at in 256 by 320, and its face is here in those. */
const FACE = { x: 127, y: 157, side: 105 };
const STRIDE = 8;
const [COLUMNS, ROWS] = [256 / STRIDE, 320 / STRIDE];

/** Files that stand in for those of the same name. */
export function smallNetworks(head: PcaModel): Record<string, Uint8Array> {
  return { ...detector(), ...dense(head) };
}

function detector(): Record<string, Uint8Array> {
  const graph = createGraph("small-detector");
  const image = addInput(graph, "image", [1, 3, "height", "width"]);
  const cells = COLUMNS * ROWS;
  const [i, j] = [Math.floor(FACE.x / STRIDE), Math.floor(FACE.y / STRIDE)];
  const heat = new Float32Array(cells).fill(-9);
  heat[j * COLUMNS + i] = 9;
  const size = Math.log(FACE.side / 32);
  const code = [FACE.x / STRIDE - i - 0.5, FACE.y / STRIDE - j - 0.5, size, size, 0, 1];
  const box = Float32Array.from({ length: 6 * cells }, (_, at) => code[Math.floor(at / cells)]!);
  for (const [name, planes, values] of [
    ["heatmap", 1, heat],
    ["box", 6, box],
  ] as const) {
    const seen = faintConvolution(graph, image, planes, STRIDE);
    const known = addConstant(graph, `known-${name}`, [1, planes, ROWS, COLUMNS], values);
    addNode(graph, "Add", [seen, known], {}, name);
    addOutput(graph, name, [1, planes, ROWS, COLUMNS]);
  }
  const manifest: Omit<DetectorManifest, keyof ManifestHead> = {
    kind: "detector",
    input: { ...INPUT, multipleOf: 32, sizes: [320] },
    outputs: [
      { name: "heatmap", stride: STRIDE },
      { name: "box", stride: STRIDE },
    ],
    box: "as the open detector's",
    threshold: 0.4,
    nms: 0.5,
  };
  return files("detector", graph, manifest);
}

function dense(head: PcaModel): Record<string, Uint8Array> {
  const cube = { min: [-REACH, -REACH, -REACH], max: [REACH, REACH, REACH] } as const;
  const manifest: Omit<DenseManifest, keyof ManifestHead> = {
    kind: "dense",
    input: { ...INPUT, width: 2 * SIZE, height: 2 * SIZE },
    crop: { rule: "landmark-box", scale: 1.5 },
    output: {
      name: "planes",
      width: SIZE,
      height: SIZE,
      channels: [
        ...(["amodal-logit", "visible-logit", "pncc.x", "pncc.y", "pncc.z"] as const),
        ...(["offset.x", "offset.y", "offset.z"] as const),
      ],
      pncc: cube,
      offset: cube,
      unit: "m",
    },
  };
  const graph = createGraph("small-dense");
  const image = addInput(graph, "image", [1, 3, 2 * SIZE, 2 * SIZE]);
  const seen = faintConvolution(graph, image, 8, 2);
  const known = addConstant(graph, "known", [1, 8, SIZE, SIZE], frontalPlanes(head));
  addNode(graph, "Add", [seen, known], {}, "planes");
  addOutput(graph, "planes", [1, 8, SIZE, SIZE]);
  return files("dense", graph, manifest);
}

/** The mean head from the front, a face's width across the crop's two thirds. */
function frontalPlanes(head: PcaModel): Float32Array {
  const camera: PerspectiveCamera = {
    kind: "perspective",
    // 0.15 m at a distance of 1 m on two thirds of the planes.
    focalLength: (SIZE * (2 / 3)) / 0.15,
    principalPoint: Float64Array.of(SIZE / 2, SIZE / 2),
    rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
    translation: Float64Array.of(0, 0, -1),
  };
  const fragments = rasterizeMesh({ positions: head.mean, indices: head.indices }, camera, {
    width: SIZE,
    height: SIZE,
    cull: "back",
  });
  const pncc = renderPncc(fragments, head.mean, head.indices).data;
  const area = SIZE * SIZE;
  const planes = new Float32Array(8 * area);
  for (let at = 0; at < area; at++) {
    planes[at] = planes[area + at] = fragments.triangles[at]! < 0 ? -9 : 9;
    for (let axis = 0; axis < 3; axis++) {
      planes[(2 + axis) * area + at] = pncc[3 * at + axis]! / REACH;
    }
  }
  return planes;
}

/** Two layers of a few weights, whose result stays small. */
function faintConvolution(graph: Graph, image: string, planes: number, stride: number): string {
  const wide = 8;
  const name = `weights-${graph.nodes.length}`;
  const weights = (count: number, scale: number): Float32Array =>
    Float32Array.from({ length: count }, (_, k) => scale * Math.sin(1 + 2.3 * k));
  const first = addConstant(graph, `${name}-first`, [wide, 3, 3, 3], weights(wide * 27, 0.2));
  const last = addConstant(
    graph,
    `${name}-last`,
    [planes, wide, 1, 1],
    weights(planes * wide, FAINT),
  );
  const spread = addNode(graph, "Conv", [image, first], {
    kernel_shape: [3, 3],
    strides: [stride, stride],
    pads: [1, 1, 1, 1],
  });
  const lit = addNode(graph, "Relu", [spread]);
  return addNode(graph, "Conv", [lit, last], { kernel_shape: [1, 1] });
}

const INPUT = { name: "image", layout: "NCHW", channels: "RGB", range: [0, 1] } as const;

function files(
  name: string,
  graph: Graph,
  manifest: Omit<DenseManifest | DetectorManifest, keyof ManifestHead>,
): Record<string, Uint8Array> {
  const model = writeOnnx(graph);
  const head: ManifestHead = {
    version: 1,
    name: `small-${name}`,
    networkVersion: "1",
    file: `${name}.onnx`,
    bytes: model.length,
    sha256: createHash("sha256").update(model).digest("hex"),
    licence: "MIT",
    trainedOn: "nothing",
  };
  const json = new TextEncoder().encode(JSON.stringify({ ...head, ...manifest }));
  return { [`${name}.onnx`]: model, [`${name}.json`]: json };
}
