export { applyMorphTargets } from "./apply-morph-targets.ts";
export { checkImage, checkMesh } from "./check-mesh.ts";
export { computeNormals } from "./compute-normals.ts";
export type { FloatImage, Image } from "./image.ts";
export type { Mesh, MorphTarget, Unit } from "./mesh.ts";
export { splitSeams } from "./split-seams.ts";
