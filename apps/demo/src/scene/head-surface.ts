import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DataTexture,
  DoubleSide,
  LinearFilter,
  LinearMipmapLinearFilter,
  type Material,
  Mesh,
  MeshBasicMaterial,
  MeshStandardMaterial,
  SRGBColorSpace,
} from "three";
import type { PosedHead, Surface } from "../protocol.ts";

/** How the head is drawn. */
export type Look = "photo" | "shaded" | "wireframe" | "pncc";

/** The head in the scene. */
export interface HeadSurface {
  readonly mesh: Mesh;
  setLook(look: Look): void;
  setPose(pose: PosedHead): void;
  dispose(): void;
}

const CLAY = 0xc4bdb4;
const PHOTO_GLOW = 0.55;

/** Puts a surface on the graphics card, once for all its looks. */
export function createHeadSurface(surface: Surface): HeadSurface {
  const geometry = new BufferGeometry();
  geometry.setIndex(new BufferAttribute(surface.indices, 1));
  const positions = new BufferAttribute(surface.positions, 3);
  const normals = new BufferAttribute(surface.normals, 3);
  geometry.setAttribute("position", positions);
  geometry.setAttribute("normal", normals);
  geometry.setAttribute("color", new BufferAttribute(linearColors(surface.pncc), 3));
  if (surface.uvs) geometry.setAttribute("uv", new BufferAttribute(surface.uvs, 2));

  const texture = surface.texture && createTexture(surface.texture);
  const both = { side: DoubleSide } as const;
  const clay = new MeshStandardMaterial({ ...both, color: CLAY, roughness: 0.62 });
  const looks: Readonly<Record<Look, Material>> = {
    photo: texture ? photoMaterial(texture) : clay,
    shaded: clay,
    wireframe: new MeshBasicMaterial({
      ...both,
      color: 0x2b2f36,
      polygonOffset: true,
      polygonOffsetFactor: 1,
      polygonOffsetUnits: 1,
    }),
    pncc: new MeshBasicMaterial({ ...both, vertexColors: true }),
  };
  const lines = new Mesh(geometry, new MeshBasicMaterial({ color: 0x9fd3c7, wireframe: true }));
  lines.visible = false;
  const mesh = new Mesh(geometry, looks.photo);
  mesh.add(lines);

  return {
    mesh,
    setLook(look) {
      mesh.material = looks[look];
      lines.visible = look === "wireframe";
    },
    setPose(pose) {
      positions.array.set(pose.positions);
      normals.array.set(pose.normals);
      positions.needsUpdate = true;
      normals.needsUpdate = true;
    },
    dispose() {
      geometry.dispose();
      texture?.dispose();
      for (const material of new Set(Object.values(looks))) material.dispose();
      lines.material.dispose();
    },
  };
}

/** A photo brings its own light: half of it shines by itself, so that shadows are not cast twice. */
function photoMaterial(texture: DataTexture): Material {
  const color = new Color().setScalar(1 - PHOTO_GLOW);
  return new MeshStandardMaterial({
    side: DoubleSide,
    map: texture,
    color,
    emissiveMap: texture,
    emissive: 0xffffff,
    emissiveIntensity: PHOTO_GLOW,
    roughness: 0.85,
  });
}

function createTexture({ width, height, data }: NonNullable<Surface["texture"]>): DataTexture {
  // Rows come top first, and textures of data are never flipped by the browser.
  const rows = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    rows.set(data.subarray(4 * width * y, 4 * width * (y + 1)), 4 * width * (height - 1 - y));
  }
  const texture = new DataTexture(rows, width, height);
  texture.colorSpace = SRGBColorSpace;
  texture.generateMipmaps = true;
  texture.minFilter = LinearMipmapLinearFilter;
  texture.magFilter = LinearFilter;
  texture.anisotropy = 4;
  texture.needsUpdate = true;
  return texture;
}

/** Vertex colors are mixed in linear light. */
function linearColors(bytes: Uint8Array): Float32Array {
  const color = new Color();
  const out = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 3) {
    color.setRGB(bytes[i]! / 255, bytes[i + 1]! / 255, bytes[i + 2]! / 255, SRGBColorSpace);
    color.toArray(out, i);
  }
  return out;
}
