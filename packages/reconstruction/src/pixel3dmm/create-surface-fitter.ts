import {
  createSurfaceScene,
  type PcaModel,
  type SkinnedModel,
  type SurfaceScene,
} from "@headform/morphable-model";
import { type TextureVertices, textureVertices } from "./find-vertices.ts";

/** A head model prepared for fits to maps. Belongs to one thread. */
export interface SurfaceFitter {
  readonly model: PcaModel | SkinnedModel;
  readonly scene: SurfaceScene;
  readonly texture: TextureVertices;
  /** Root mean square distance of the vertices from their center, unit of the model. */
  readonly size: number;
}

/**
 * Prepares a head model.
 *
 * @throws RangeError for a model without uv
 */
export function createSurfaceFitter(model: PcaModel | SkinnedModel): SurfaceFitter {
  const texture = textureVertices(model);
  if (!texture) {
    throw new RangeError(`createSurfaceFitter: expected a model with uvs, ${model.name} has none`);
  }
  const rest = model.kind === "skinned" ? model.template : model.mean;
  const center = [0, 0, 0];
  for (let i = 0; i < rest.length; i++) center[i % 3] += (3 * rest[i]) / rest.length;
  let size = 0;
  for (let i = 0; i < rest.length; i++) size += (rest[i] - center[i % 3]) ** 2;
  return {
    model,
    scene: createSurfaceScene(model),
    texture,
    size: Math.sqrt((3 * size) / rest.length),
  };
}
