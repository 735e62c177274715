declare module "kd-tree-javascript" {
  interface KdTree<T> {
    nearest(point: T, count: number): [T, number][];
  }
  const exports: {
    kdTree: new <T>(points: T[], metric: (a: T, b: T) => number, axes: (keyof T)[]) => KdTree<T>;
  };
  export default exports;
}
