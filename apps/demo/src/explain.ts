import type { FailureCode } from "./protocol.ts";

/** What a person is told, and what they can do. */
export const EXPLANATIONS: Readonly<Record<FailureCode, string>> = {
  "no-camera": "No camera was found. Plug one in, or choose a photo instead.",
  "camera-denied":
    "The camera may not be used here. Allow it in the browser's address bar, or choose a photo instead.",
  "not-an-image": "That is not a picture this browser can read. Try a JPEG, PNG or WebP.",
  "unreadable-image":
    "This browser cannot read that picture: it is damaged, too large for the memory, or of a kind that it does not know. Try a smaller JPEG, PNG or WebP.",
  "no-face":
    "No face was found. A face that is turned to the camera and at least 40 pixels wide works best.",
  "no-method": "This build of the page has no network for that method.",
  "no-files":
    "The models could not be loaded. They come from this site once; check the connection and try again.",
  "no-webgl":
    "This browser shows no 3D graphics (WebGL is off). The head is still made and can be downloaded.",
  "no-webgpu": "This browser has no WebGPU. The page goes on with WebAssembly.",
  "untrusted-webgpu": "WebGPU computes wrongly on this device. The page goes on with WebAssembly.",
  "no-worker": "The part of the page that does the work has stopped. Reload the page.",
  "out-of-memory":
    "There was not enough memory. Close other tabs, or reload the page and use a smaller photo.",
  stopped: "Stopped.",
  unknown: "Something went wrong that should not have.",
};
