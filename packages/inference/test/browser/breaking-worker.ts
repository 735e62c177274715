import { serveRuntime } from "@headform/inference/worker";

// Its runtime never answers, and the worker itself falls over.
serveRuntime({
  InferenceSession: {
    create: () => {
      setTimeout(() => {
        throw new Error("out of luck");
      });
      return new Promise(() => {});
    },
  },
  Tensor: class {} as never,
});
