import type { Hdf5Group, Hdf5Node } from "./node.ts";

/** The node at a path such as "shape/model/mean", or `undefined` where there is none. */
export function findNode(root: Hdf5Group, path: string): Hdf5Node | undefined {
  let node: Hdf5Node | undefined = root;
  for (const name of path.split("/")) {
    if (name === "") continue;
    node = node?.kind === "group" ? node.children.get(name) : undefined;
  }
  return node;
}
