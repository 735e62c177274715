import {
  type Correspondence,
  detailMesh,
  type HeadDetail,
  type PcaModel,
  readDetail,
  type SkinnedModel,
} from "@headform/morphable-model";
import type { Detail } from "@headform/open-head";
import { loadHead } from "@headform/open-head/node";
import { type Face, type ModelFace, transferFace } from "@headform/reconstruction";
import { loadCorrespondence } from "../load-correspondence.ts";
import type { Terminal } from "../terminal.ts";

/** A face as the network's head has it, and as it is given out. */
export interface GivenFace extends Face, Pick<ModelFace, "pose" | "eyelids"> {
  readonly original: Face;
}

export function inModel(
  face: Face,
  correspondence: Correspondence | undefined,
  detail: HeadDetail | undefined,
): GivenFace {
  const given = { ...face, ...(correspondence && transferFace(face, correspondence)) };
  return { ...given, ...(detail && { mesh: detailMesh(face.mesh, detail) }), original: face };
}

/** How another level of detail is mixed from the open head; undefined for its own. */
export async function loadDetail(level: Detail | undefined): Promise<HeadDetail | undefined> {
  const { detail } = level ? await loadHead({ detail: level }) : {};
  return detail && readDetail(detail);
}

/** Undefined for the open head itself, which needs no map. */
export async function matchModel(
  head: PcaModel,
  target: PcaModel | SkinnedModel,
  terminal: Terminal,
): Promise<Correspondence | undefined> {
  const same =
    target.kind === "pca" &&
    target.mean.length === head.mean.length &&
    target.shapeBasis.length === head.shapeBasis.length &&
    target.expressionBasis.length === head.expressionBasis.length &&
    target.mean.every((value, i) => value === head.mean[i]);
  return same ? undefined : loadCorrespondence(head, target, terminal.env);
}
