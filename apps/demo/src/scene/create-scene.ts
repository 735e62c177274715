import {
  Box3,
  Group,
  PerspectiveCamera,
  Quaternion,
  Raycaster,
  Scene,
  Vector2,
  Vector3,
  WebGLRenderer,
} from "three";
import type { PosedHead, Surface } from "../protocol.ts";
import { createHeadSurface, type HeadSurface, type Look } from "./head-surface.ts";
import { createLights } from "./lights.ts";
import { FRONT, type View } from "./orbit.ts";

/** The head on its canvas. Draws only when something has changed. */
export interface HeadScene {
  setSurface(surface: Surface): void;
  setPose(pose: PosedHead): void;
  setLook(look: Look): void;
  setView(view: View): void;
  /** Turns the head itself, x y z w. */
  setRotation(quaternion: readonly number[]): void;
  /** Whether a point of the window, pixels, lies on the head. */
  isOn(x: number, y: number): boolean;
  resize(width: number, height: number): void;
  /** The canvas as PNG. */
  snapshot(): Promise<Blob>;
  dispose(): void;
}

const FIELD_OF_VIEW = 24;
/** Room around the head, relative to its height. */
const MARGIN = 1.24;
/** How far below the middle of the canvas the camera aims, for the switch at its foot. */
const SINK = 0.05;

/**
 * Prepares a canvas.
 *
 * @throws Error when the browser gives no WebGL
 */
export function createScene(canvas: HTMLCanvasElement): HeadScene {
  const renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
  const scene = new Scene();
  const camera = new PerspectiveCamera(FIELD_OF_VIEW, 1, 0.01, 20);
  const head = new Group();
  scene.add(createLights(), head);
  const center = new Vector3();
  let reach = 1;
  let surface: HeadSurface | undefined;
  let look: Look = "photo";
  let view = FRONT;
  let frame = 0;

  const draw = (): void => {
    frame = 0;
    placeCamera(camera, view, reach);
    renderer.render(scene, camera);
  };
  const invalidate = (): void => {
    frame ||= requestAnimationFrame(draw);
  };

  return {
    setSurface(next) {
      surface?.mesh.removeFromParent();
      surface?.dispose();
      surface = createHeadSurface(next);
      surface.setLook(look);
      const box = new Box3().setFromObject(surface.mesh);
      box.getCenter(center);
      reach = (MARGIN * (box.max.y - box.min.y)) / 2;
      surface.mesh.position.copy(center).negate();
      head.quaternion.identity();
      head.add(surface.mesh);
      invalidate();
    },
    setPose(pose) {
      surface?.setPose(pose);
      invalidate();
    },
    setLook(next) {
      look = next;
      surface?.setLook(look);
      invalidate();
    },
    setView(next) {
      view = next;
      invalidate();
    },
    setRotation(quaternion) {
      head.quaternion.copy(new Quaternion(...(quaternion as [number, number, number, number])));
      invalidate();
    },
    isOn(x, y) {
      if (!surface) return false;
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const at = new Vector2((2 * (x - left)) / width - 1, 1 - (2 * (y - top)) / height);
      const ray = new Raycaster();
      ray.setFromCamera(at, camera);
      return ray.intersectObject(surface.mesh, false).length > 0;
    },
    resize(width, height) {
      renderer.setPixelRatio(Math.min(2, devicePixelRatio));
      renderer.setSize(width, height, false);
      // Sets the aspect as well.
      camera.setViewOffset(width, height, 0, SINK * height, width, height);
      // At once: a resized canvas is empty.
      draw();
    },
    snapshot() {
      draw();
      return new Promise((resolve, reject) => {
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))));
      });
    },
    dispose() {
      cancelAnimationFrame(frame);
      surface?.dispose();
      renderer.dispose();
    },
  };
}

/** On a sphere around the head, far enough for it to fit the canvas either way. */
function placeCamera(
  camera: PerspectiveCamera,
  { yaw, pitch, distance }: View,
  reach: number,
): void {
  const half = Math.tan((FIELD_OF_VIEW * Math.PI) / 360);
  const fit = reach / (half * Math.min(1, camera.aspect * 1.15));
  const far = fit * distance;
  camera.position.set(
    -far * Math.sin(yaw) * Math.cos(pitch),
    far * Math.sin(pitch),
    far * Math.cos(yaw) * Math.cos(pitch),
  );
  camera.lookAt(0, 0, 0);
}
