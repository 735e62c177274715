/// <reference path="./gltf-validator.d.ts" />
import validator from "gltf-validator";

/** What the Khronos validator finds in a GLB. */
export async function validateGlb(glb: Uint8Array): Promise<{
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  readonly messages: readonly { readonly code: string; readonly message: string }[];
}> {
  const { issues } = await validator.validateBytes(new Uint8Array(glb));
  const { numErrors, numWarnings, numInfos, messages } = issues;
  return { errors: numErrors, warnings: numWarnings, infos: numInfos, messages };
}
