/** Where the viewer stands: angles in radians, distance relative to the one that fits the head. */
export interface View {
  readonly yaw: number;
  readonly pitch: number;
  readonly distance: number;
}

export const FRONT: View = { yaw: 0, pitch: 0, distance: 1 };

const STEP = Math.PI / 24;
const RADIANS_PER_PIXEL = 0.008;
const FARTHEST = 2.2;
const NEAREST = 0.35;

/** The view after a key, or nothing when the key means nothing. */
export function turnByKey(view: View, key: string): View | undefined {
  switch (key) {
    case "ArrowLeft":
      return bounded({ ...view, yaw: view.yaw - STEP });
    case "ArrowRight":
      return bounded({ ...view, yaw: view.yaw + STEP });
    case "ArrowUp":
      return bounded({ ...view, pitch: view.pitch - STEP });
    case "ArrowDown":
      return bounded({ ...view, pitch: view.pitch + STEP });
    case "+":
    case "=":
      return bounded({ ...view, distance: view.distance / 1.15 });
    case "-":
      return bounded({ ...view, distance: view.distance * 1.15 });
    case "0":
    case "Home":
      return FRONT;
    default:
      return undefined;
  }
}

/** The view after a pointer moved by so many pixels. */
export function turnByDrag(view: View, dx: number, dy: number): View {
  return bounded({
    ...view,
    yaw: view.yaw + dx * RADIANS_PER_PIXEL,
    pitch: view.pitch + dy * RADIANS_PER_PIXEL,
  });
}

/** The view nearer or farther by a factor. */
export function zoom(view: View, factor: number): View {
  return bounded({ ...view, distance: view.distance * factor });
}

/** The same view as a mirror shows it. */
export function mirrored(view: View): View {
  return { ...view, yaw: -view.yaw };
}

function bounded({ yaw, pitch, distance }: View): View {
  return {
    yaw: Math.atan2(Math.sin(yaw), Math.cos(yaw)),
    pitch: Math.max(-1.2, Math.min(1.2, pitch)),
    distance: Math.max(NEAREST, Math.min(FARTHEST, distance)),
  };
}
