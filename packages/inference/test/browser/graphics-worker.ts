import { serveRuntime } from "@headform/inference/worker";
import * as ort from "onnxruntime-web/webgpu";

ort.env.wasm.numThreads = 1;
serveRuntime(ort);
