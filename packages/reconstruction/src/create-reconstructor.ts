import type {
  Backend,
  DenseManifest,
  DetectorManifest,
  IdentityManifest,
  SegmentationManifest,
  Session,
  SurfaceManifest,
  VolumeManifest,
} from "@headform/inference";
import { createSurfaceIndex, type PcaModel, type SurfaceIndex } from "@headform/morphable-model";
import type { DetectorFormat } from "@headform/networks/detector";
import { ReconstructionError } from "./reconstruction-error.ts";
import { createTexelMap, type TexelMap } from "./texel-map.ts";
import { type VertexNeighbors, vertexNeighbors } from "./vertex-neighbors.ts";

/** What a reconstructor is made of. */
export interface ReconstructorParts {
  readonly backend: Backend;
  /** The head, from `readHead`. */
  readonly head: PcaModel;
  /** The network for PNCC and offsets, with its manifest. */
  readonly dense: { readonly model: Uint8Array; readonly manifest: DenseManifest };
  /** The face detector with its manifest, or a YuNet with `YUNET`; absent: boxes must be given. */
  readonly detector?: {
    readonly model: Uint8Array;
    readonly manifest: DetectorManifest | DetectorFormat;
  };
  /** The network of occupied voxels, for VRN's way. */
  readonly volume?: { readonly model: Uint8Array; readonly manifest: VolumeManifest };
  /** Networks of uv and normals of another head, for {@link reconstructModel}. */
  readonly surfaces?: readonly {
    readonly model: Uint8Array;
    readonly manifest: SurfaceManifest;
  }[];
  /** The network that says who a face is, for {@link reconstructModel}. */
  readonly identity?: { readonly model: Uint8Array; readonly manifest: IdentityManifest };
  /** The network that says what each pixel shows, for Pixel3DMM's way; absent: the dense network's planes. */
  readonly segmentation?: { readonly model: Uint8Array; readonly manifest: SegmentationManifest };
}

export interface CreateReconstructorOptions {
  /** Width and height of the textures, texels; 0 leaves heads untextured. 1024 unless told. */
  readonly textureSize?: number;
}

/** Everything that is prepared once and used for every photo. */
export interface Reconstructor {
  readonly head: PcaModel;
  readonly surface: SurfaceIndex;
  readonly neighbors: VertexNeighbors;
  /** Absent when heads stay untextured. */
  readonly texels?: TexelMap;
  readonly dense: { readonly session: Session; readonly manifest: DenseManifest };
  readonly detector?: { readonly session: Session; readonly manifest: DetectorFormat };
  readonly volume?: { readonly session: Session; readonly manifest: VolumeManifest };
  readonly surfaces?: readonly {
    readonly session: Session;
    readonly manifest: SurfaceManifest;
  }[];
  readonly identity?: { readonly session: Session; readonly manifest: IdentityManifest };
  readonly segmentation?: { readonly session: Session; readonly manifest: SegmentationManifest };
  /** Frees the networks' memory. */
  release(): Promise<void>;
}

/**
 * Loads the networks and prepares the head.
 *
 * @param parts backend, head and networks
 * @throws ReconstructionError "wrong-network" when the dense network's unit is not the head's
 * @throws InferenceError when a network cannot be loaded
 * @throws RangeError for a texture size out of range, or a head without uvs that is to be textured
 */
export async function createReconstructor(
  parts: ReconstructorParts,
  options: CreateReconstructorOptions = {},
): Promise<Reconstructor> {
  const { backend, head, dense, detector, volume, surfaces } = parts;
  const { textureSize = 1024 } = options;
  if (dense.manifest.output.unit !== head.unit) {
    throw new ReconstructionError(
      "wrong-network",
      `createReconstructor: the network's unit is ${dense.manifest.output.unit}, the head's ${head.unit}`,
    );
  }
  const texels = textureSize > 0 ? createTexelMap(head, textureSize) : undefined;
  const start = async <M>(network: { readonly model: Uint8Array; readonly manifest: M }) => ({
    session: await backend.createSession(network.model),
    manifest: network.manifest,
  });
  const networks = {
    dense: await start(dense),
    ...(detector && { detector: await start(detector) }),
    ...(volume && { volume: await start(volume) }),
    ...(surfaces && { surfaces: await Promise.all(surfaces.map(start)) }),
    ...(parts.identity && { identity: await start(parts.identity) }),
    ...(parts.segmentation && { segmentation: await start(parts.segmentation) }),
  };
  return {
    head,
    surface: createSurfaceIndex(head),
    neighbors: vertexNeighbors(head.indices, head.mean.length / 3),
    ...(texels && { texels }),
    ...networks,
    release: async () => {
      for (const { session } of Object.values(networks).flat()) await session.release();
    },
  };
}
