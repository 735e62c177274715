import { type PerspectiveCamera, projectPoints } from "@headform/camera";
import type { Mesh } from "@headform/mesh";

export interface PreviewCameraOptions {
  /** Size of the picture, pixels. */
  readonly width: number;
  readonly height: number;
  /** Turn of the mesh about +Y, radians; positive shows its right side. */
  readonly yaw?: number;
  /** Turn of the mesh about +X, radians; positive looks down on it. */
  readonly pitch?: number;
  /** Share of the width or height, whichever is tighter, that the mesh takes. */
  readonly fill?: number;
}

export const PREVIEW_CAMERA_DEFAULTS: {
  readonly yaw: number;
  readonly pitch: number;
  readonly fill: number;
} = { yaw: 0, pitch: 0, fill: 0.86 };

/**
 * A portrait camera that frames a mesh: a long lens, the mesh turned by R = Rx(pitch)·Ry(yaw) and
 * centered.
 *
 * @param mesh positions [V×3].
 * @param options size of the picture and the view.
 * @throws RangeError when the mesh has no extent or not-finite positions, or an option is out of
 * range.
 */
export function previewCamera(
  mesh: Pick<Mesh, "positions">,
  options: PreviewCameraOptions,
): PerspectiveCamera {
  const { width, height, yaw, pitch, fill } = { ...PREVIEW_CAMERA_DEFAULTS, ...options };
  if (!(width > 0) || !(height > 0) || !Number.isFinite(width + height)) {
    throw new RangeError(`previewCamera: expected a size above 0, got ${width}×${height}`);
  }
  if (!(fill > 0) || fill > 1 || !Number.isFinite(yaw + pitch)) {
    throw new RangeError(
      `previewCamera: expected 0 < fill ≤ 1 and finite angles, got fill ${fill}, yaw ${yaw}, pitch ${pitch}`,
    );
  }
  const { positions } = mesh;
  const cy = Math.cos(yaw);
  const sy = Math.sin(yaw);
  const cp = Math.cos(pitch);
  const sp = Math.sin(pitch);
  const rotation = new Float64Array([cy, 0, sy, sp * sy, cp, -sp * cy, -cp * sy, sp, cp * cy]);

  // 1. The turned mesh's box.
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i += 3) {
    for (let c = 0; c < 3; c++) {
      const value =
        rotation[3 * c] * positions[i] +
        rotation[3 * c + 1] * positions[i + 1] +
        rotation[3 * c + 2] * positions[i + 2];
      low[c] = Math.min(low[c], value);
      high[c] = Math.max(high[c], value);
    }
  }
  const size = Math.hypot(high[0] - low[0], high[1] - low[1], high[2] - low[2]);
  if (!(size > 0) || !Number.isFinite(size)) {
    throw new RangeError(`previewCamera: expected a mesh with a finite extent, got ${size}`);
  }
  const focalLength = 2.8 * Math.max(width, height);
  const principalPoint = new Float64Array([width / 2, height / 2]);
  const translation = new Float64Array([
    -(low[0] + high[0]) / 2,
    -(low[1] + high[1]) / 2,
    -(low[2] + high[2]) / 2 - 4 * size,
  ]);
  const camera: PerspectiveCamera = {
    kind: "perspective",
    focalLength,
    principalPoint,
    rotation,
    translation,
  };

  // 2. Perspective makes the near parts larger: move until the picture's own box fits. The error
  //    shrinks by about size/distance each time.
  for (let step = 0; step < 6; step++) {
    const pixels = projectPoints(camera, positions);
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < pixels.length; i += 3) {
      box[0] = Math.min(box[0], pixels[i]);
      box[1] = Math.min(box[1], pixels[i + 1]);
      box[2] = Math.max(box[2], pixels[i]);
      box[3] = Math.max(box[3], pixels[i + 1]);
    }
    const ratio = Math.max((box[2] - box[0]) / (fill * width), (box[3] - box[1]) / (fill * height));
    const middle = (low[2] + high[2]) / 2;
    const pixel = -(translation[2] + middle) / focalLength;
    translation[0] -= ((box[0] + box[2]) / 2 - width / 2) * pixel;
    translation[1] += ((box[1] + box[3]) / 2 - height / 2) * pixel;
    // Never through the mesh.
    translation[2] = Math.min(-middle - size, -middle + (translation[2] + middle) * ratio);
  }
  return camera;
}
