declare module "isosurface" {
  const exports: {
    marchingCubes(
      dims: readonly number[],
      potential: (x: number, y: number, z: number) => number,
    ): { readonly positions: number[][]; readonly cells: number[][] };
  };
  export default exports;
}
