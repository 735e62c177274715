export * from "./detector/index.ts";
export * from "./pix2face/index.ts";
