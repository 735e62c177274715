export { type ServingPort, serveRuntime } from "./serve-runtime.ts";
