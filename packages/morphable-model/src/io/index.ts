export { isMorphableModelError, MorphableModelError } from "../morphable-model-error.ts";
export { type ReadModelOptions, readModel } from "./read-model.ts";
export { writeModel } from "./write-model.ts";
