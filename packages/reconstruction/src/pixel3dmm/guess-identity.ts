import type { Image } from "@headform/mesh";
import { alignIdentity, prepareIdentityInput } from "@headform/networks/mica";
import type { Reconstructor } from "../create-reconstructor.ts";

/**
 * The coefficients [K] that the identity network sees in a face; undefined without that network.
 *
 * @param landmarks68 [68×3] photo pixels
 * @see Zielonka, Bolkart, Thies: Towards metrical reconstruction of human faces, 2022
 */
export async function guessIdentity(
  { identity }: Pick<Reconstructor, "identity">,
  image: Image,
  landmarks68: Float64Array,
): Promise<Float32Array | undefined> {
  if (!identity) return undefined;
  const { session, manifest } = identity;
  const input = prepareIdentityInput(image, alignIdentity(landmarks68, 3), manifest);
  const outputs = await session.run({ [manifest.input.name]: input });
  return outputs[manifest.output.name].data as Float32Array;
}
