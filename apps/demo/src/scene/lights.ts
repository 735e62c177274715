import { DirectionalLight, Group, HemisphereLight, type Object3D } from "three";

/** A portrait's light: a warm key from the upper left, a cool fill, a rim from behind. */
export function createLights(): Object3D {
  const lights = new Group();
  const from = (color: number, intensity: number, x: number, y: number, z: number): void => {
    const light = new DirectionalLight(color, intensity);
    light.position.set(x, y, z);
    lights.add(light);
  };
  lights.add(new HemisphereLight(0xf4f7ff, 0x8a7f78, 1.15));
  from(0xfff3e6, 2.1, -0.9, 1.1, 1.5);
  from(0xe6efff, 0.65, 1.4, 0.1, 1);
  from(0xffffff, 1.3, 0.7, 0.9, -1.5);
  return lights;
}
