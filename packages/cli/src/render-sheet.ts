import { applyMorphTargets, type Image, type Mesh } from "@headform/mesh";
import {
  type Crop,
  composeSheet,
  drawPoints,
  drawPolyline,
  estimateOcclusion,
  floatToImage,
  overlay,
  previewCamera,
  renderShaded,
  resampleCrop,
  resizeImage,
} from "@headform/raster";
import type { Face } from "@headform/reconstruction";
import sharp from "sharp";

const CELL = 440;
/** The photo around the face: wide enough to judge the whole head against it. */
const VIEW_SCALE = 1.45;
/** Turns of the three studio views, radians: from the left, the front, the right. */
const VIEWS = [-0.75, 0, 0.75] as const;
/** 68 landmarks as lines: jaw, brows, nose, eyes, lips. */
const LINES: readonly (readonly [number, number, boolean])[] = [
  [0, 17, false],
  [17, 22, false],
  [22, 27, false],
  [27, 31, false],
  [31, 36, false],
  [36, 42, true],
  [42, 48, true],
  [48, 60, true],
  [60, 68, true],
];

/**
 * One picture to judge a result by at a glance: the photo with landmarks, the PNCC that the network
 * saw, the mesh over the photo, and the head from three sides.
 *
 * @param shown the same face in another model's mesh, where one is wanted
 * @returns PNG
 */
export async function renderSheet(
  face: Face,
  photo: Image,
  shown: Pick<Face, "camera" | "mesh"> = face,
): Promise<Uint8Array> {
  const view: Crop = { ...face.crop, side: face.crop.side * VIEW_SCALE, rotation: 0 };
  const cropped = resampleCrop(
    photo,
    view,
    { width: CELL, height: CELL },
    { fill: [0, 0, 0] },
  ) as Image;
  const posed = applyMorphTargets(shown.mesh);
  const clay: Mesh = { positions: posed.positions, indices: posed.indices, unit: posed.unit };

  const size = { width: CELL, height: CELL, occlusion: estimateOcclusion(posed) };
  const over = renderShaded(clay, cameraOfView(shown.camera, view), {
    ...size,
    background: "transparent",
  });
  const sheet = composeSheet(
    [
      { image: drawLandmarks(cropped, face, view), label: "photo, landmarks" },
      drawSeen(face),
      { image: overlay(cropped, over, 0.72), label: "mesh over photo" },
      ...VIEWS.map((yaw, i) => ({
        image: renderShaded(posed, previewCamera(posed, { ...size, yaw }), size),
        label: ["from its left", "from the front", "from its right"][i] as string,
      })),
    ],
    { columns: 3, cellWidth: CELL, cellHeight: CELL },
  );
  const { width, height, channels, data } = sheet;
  return sharp(data, { raw: { width, height, channels } }).png().toBuffer();
}

/** The photo's camera, looking at the cut-out instead. */
function cameraOfView(camera: Face["camera"], view: Crop): Face["camera"] {
  const scale = CELL / view.side;
  const [cx, cy] = camera.principalPoint as unknown as [number, number];
  return {
    ...camera,
    focalLength: camera.focalLength * scale,
    principalPoint: Float64Array.of(
      (cx - view.centerX) * scale + CELL / 2,
      (cy - view.centerY) * scale + CELL / 2,
    ),
  };
}

function drawLandmarks(cropped: Image, face: Face, view: Crop): Image {
  const scale = CELL / view.side;
  const points = new Float64Array(2 * 68);
  for (let i = 0; i < 68; i++) {
    points[2 * i] = ((face.landmarks68[3 * i] as number) - view.centerX) * scale + CELL / 2;
    points[2 * i + 1] = ((face.landmarks68[3 * i + 1] as number) - view.centerY) * scale + CELL / 2;
  }
  let image = cropped;
  for (const [start, end, closed] of LINES) {
    image = drawPolyline(image, points.slice(2 * start, 2 * end), { closed, opacity: 0.7 });
  }
  return drawPoints(image, points, { radius: 2 });
}

/** What the network saw: the PNCC of a dense network, or the surface of a volume. */
function drawSeen(face: Face): { image: Image; label: string } {
  if (face.maps) return { image: drawPncc(face.maps, face.mesh), label: "pncc" };
  const { surface = face.mesh } = face;
  const size = { width: CELL, height: CELL };
  const view = previewCamera(surface, { ...size, yaw: 0 });
  return { image: renderShaded(surface, view, size), label: "surface" };
}

/** The network's PNCC as color, black where it sees no face. */
function drawPncc(maps: NonNullable<Face["maps"]>, mesh: Mesh): Image {
  const { width, height, pncc, visible } = maps;
  const small = floatToImage(
    { width, height, channels: 3, data: pncc },
    { mask: Float32Array.from(visible, (p) => (p > 0.5 ? 1 : 0)), ...pnccRange(mesh) },
  );
  return resizeImage(small, CELL, CELL);
}

/** The head's bounding box, so that one point of the head has one color in every photo. */
function pnccRange({ positions }: Mesh): { low: number[]; high: number[] } {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i++) {
    const value = positions[i] as number;
    low[i % 3] = Math.min(low[i % 3] as number, value);
    high[i % 3] = Math.max(high[i % 3] as number, value);
  }
  return { low, high };
}
