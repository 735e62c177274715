import type { BackendAttempt, DenseManifest } from "@headform/inference";
import { type BackendPreference, createBackend } from "@headform/inference/node";
import { type PcaModel, readHead } from "@headform/morphable-model";
import { loadHead, loadNetwork } from "@headform/open-head/node";
import {
  type CreateReconstructorOptions,
  createReconstructor,
  type Reconstructor,
  type ReconstructorParts,
} from "./create-reconstructor.ts";

export interface LoadReconstructorOptions extends CreateReconstructorOptions {
  /** What runs the networks; the first that works unless told. */
  readonly prefer?: BackendPreference;
  /** Threads of the native runtime; the machine's cores unless told. */
  readonly threads?: number;
  /** Runs the networks in a thread of their own, so that this one goes on meanwhile; default false. */
  readonly worker?: boolean;
  /** Replaces the open head. */
  readonly head?: PcaModel;
  /** Replaces the default dense network. */
  readonly dense?: { readonly model: Uint8Array; readonly manifest: DenseManifest };
  /** Replaces the default detector. */
  readonly detector?: NonNullable<ReconstructorParts["detector"]>;
  /** The network of occupied voxels, for VRN's way. */
  readonly volume?: NonNullable<ReconstructorParts["volume"]>;
  /** Networks of uv and normals of another head, for `reconstructModel`. */
  readonly surfaces?: NonNullable<ReconstructorParts["surfaces"]>;
  /** The network that says who a face is, for `reconstructModel`. */
  readonly identity?: NonNullable<ReconstructorParts["identity"]>;
  /** The network that says what each pixel shows, for Pixel3DMM's way. */
  readonly segmentation?: NonNullable<ReconstructorParts["segmentation"]>;
}

/** A reconstructor that says what it runs on. */
export interface LoadedReconstructor extends Reconstructor {
  /** Name of the backend in use. */
  readonly backend: string;
  /** Every backend that was looked at, with the reason where it was passed over. */
  readonly tried: readonly BackendAttempt[];
}

/**
 * The short way in Node: the open head and the default networks, on the best backend there is.
 *
 * @throws InferenceError when no backend starts or a network cannot be loaded
 * @throws OpenHeadError when a data file of the open head is missing or altered
 * @throws as {@link createReconstructor}
 */
export async function loadReconstructor(
  options: LoadReconstructorOptions = {},
): Promise<LoadedReconstructor> {
  const { prefer, threads, worker, textureSize } = options;
  const [backend, head, dense, detector] = await Promise.all([
    createBackend({
      ...(prefer && { prefer }),
      ...(threads && { threads }),
      ...(worker !== undefined && { worker }),
    }),
    options.head ?? loadHead().then((loaded) => readHead(loaded.head)),
    options.dense ?? loadNetwork("dense"),
    options.detector ?? loadNetwork("detector"),
  ]);
  const reconstructor = await createReconstructor(
    {
      backend,
      head,
      dense,
      detector,
      ...(options.volume && { volume: options.volume }),
      ...(options.surfaces && { surfaces: options.surfaces }),
      ...(options.identity && { identity: options.identity }),
      ...(options.segmentation && { segmentation: options.segmentation }),
    },
    textureSize === undefined ? {} : { textureSize },
  );
  const release = async (): Promise<void> => {
    await reconstructor.release();
    await backend.release();
  };
  return { ...reconstructor, release, backend: backend.name, tried: backend.tried };
}
