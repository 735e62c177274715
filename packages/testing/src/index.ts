export { createRandom } from "./random.ts";
export { sharedFolder } from "./shared-folder.ts";
export { validateGlb } from "./validate-glb.ts";
