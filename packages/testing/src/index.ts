export { createRandom } from "./random.ts";
export { sharedFolder } from "./shared-folder.ts";
