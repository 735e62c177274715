import type { DenseManifest } from "@headform/inference";

/** What decoding needs of a manifest; a user's own network may come with this alone. */
export type DenseFormat = Pick<DenseManifest, "input" | "crop" | "output">;
