export { decodeDetections } from "./decode-detections.ts";
export { decodeYunet, YUNET } from "./decode-yunet.ts";
export { type DetectFacesOptions, detectFaces } from "./detect-faces.ts";
export type { Detection, DetectorFormat } from "./detection.ts";
export { suppressOverlaps } from "./suppress-overlaps.ts";
