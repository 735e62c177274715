import { isFormatError } from "@headform/formats";
import { isMeshFormatError } from "@headform/mesh/io";
import type { PcaModel } from "../pca-model.ts";
import type { SkinnedModel } from "../skinned-model.ts";
import { badModel } from "./bad-model.ts";
import { checkModel } from "./check-model.ts";
import { type FileOf, label, type ModelFile, openFile } from "./open-file.ts";
import { is3ddfa, read3ddfa } from "./read-3ddfa.ts";
import { readBasel2009, readDeep3d } from "./read-basel.ts";
import { readEos } from "./read-eos.ts";
import { type FlameOptions, findFlame, readFlame } from "./read-flame.ts";
import { readMorphs } from "./read-morphs.ts";
import { readObjFolder } from "./read-obj-folder.ts";
import { readOwn } from "./read-own.ts";
import { readStatismo } from "./read-statismo.ts";

/** Options of {@link readModel}; FLAME's are of no account to others. */
export interface ReadModelOptions extends FlameOptions {
  /** Replaces the name that the kind of file suggests. */
  readonly name?: string;
  /** Replaces the version. */
  readonly version?: string;
  /** Replaces the licence, which hardly any file states. */
  readonly licence?: string;
}

/**
 * Reads a head model of any kind people have; its content tells which.
 *
 * FLAME (`.pkl`, `.npz`), the Basel models (`.mat`, `.h5`), 3DDFA's, Deep3D's, eos and the Surrey
 * model, ICT-FaceKit's folder of OBJ files, a GLB with morph targets, and headform's own files.
 * What belongs to a model (masks, embeddings of landmarks, triangles, blendshapes) is given beside it.
 * Every model comes in the frame of {@link PcaModel}, in meters or millimeters as `unit` says.
 * Nothing in a file is ever run.
 *
 * @param files the model's bytes, or name → bytes of all its files
 * @param options what the files do not say
 * @throws MorphableModelError "bad-file" when the files are no model, are damaged or contradict
 *   themselves; `cause` has the format's own error
 */
export async function readModel(
  files: Uint8Array | ReadonlyMap<string, Uint8Array>,
  options: ReadModelOptions = {},
): Promise<PcaModel | SkinnedModel> {
  const named = files instanceof Uint8Array ? new Map([["", files]]) : files;
  const { name, version, licence } = options;
  try {
    const opened = [...named].map(([file, bytes]) => openFile(file, bytes));
    const model = await readKind(opened, options);
    return checkModel({
      ...model,
      ...(name !== undefined && { name }),
      ...(version !== undefined && { version }),
      ...(licence !== undefined && { licence }),
    });
  } catch (error) {
    if (isFormatError(error) || isMeshFormatError(error)) throw badModel(error.message, error);
    throw error;
  }
}

async function readKind(
  files: readonly ModelFile[],
  options: ReadModelOptions,
): Promise<PcaModel | SkinnedModel> {
  const of = <Kind extends ModelFile["kind"]>(kind: Kind): FileOf<Kind>[] =>
    files.filter((file): file is FileOf<Kind> => file.kind === kind);
  const alone = (): void => {
    if (files.length > 1) throw badModel("expected one file of this kind, without others");
  };
  if (findFlame(files)) return readFlame(files, options);
  if (is3ddfa(files)) return read3ddfa(files);
  const [eos] = of("eos-model");
  if (eos) {
    const stray = files.find(({ kind }) => !/^(?:eos-|text$)/.test(kind));
    if (stray) throw badModel(`${label(stray.name)} does not belong to an eos model`);
    return readEos(eos.bytes, of("eos-blendshapes")[0]?.bytes, of("text")[0]?.bytes);
  }
  const objects = of("obj");
  if (objects.length > 0 && objects.length === files.length) return readObjFolder(objects);
  const [glb] = of("glb");
  const [own] = of("safetensors");
  const [statismo] = of("hdf5");
  const [mat] = of("mat");
  alone();
  if (glb) return readMorphs(glb.bytes);
  if (own) return readOwn(own.bytes);
  if (statismo) return readStatismo(statismo.root);
  if (mat?.variables.has("shapeMU")) return readBasel2009(mat.variables);
  if (mat?.variables.has("idBase")) return readDeep3d(mat.variables);
  throw badModel(`${label(files[0]?.name ?? "")} holds no model that is known`);
}
