/** What the package's own declarations leave out. */
declare module "@kitware/vtk.js/Filters/General/ImageMarchingCubes.js" {
  interface Cubes {
    setInputData(image: object): void;
    update(): void;
    getOutputData(): { getPolys(): { getNumberOfCells(): number } };
  }
  const exports: { newInstance(options: object): Cubes };
  export default exports;
}
