#!/usr/bin/env node
// Runs the headform command from a clone that has nothing but Node and npm:
//
//   npm start                       the sample portrait → out/sample.glb, out/sample.png
//   npm start -- PHOTO… [options]   photos of yours → out/PHOTO.glb, out/PHOTO.png, each
//   npm run headform -- ARGUMENTS   any command; standard output is the command's alone
//
// It installs and builds first when that is needed. Paths are relative to where it was called.
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { PrepareError, prepare, root } from "./prepare.mjs";

const here = process.env.INIT_CWD ?? process.cwd();
const [first, ...rest] = process.argv.slice(2);
const args = first === "start" ? startArguments(rest) : process.argv.slice(2);

try {
  prepare();
} catch (error) {
  if (!(error instanceof PrepareError)) throw error;
  process.stderr.write(`headform: ${error.message}\n`);
  process.exit(1);
}

const bin = join(root, "packages/cli/dist/bin.js");
process.argv = [process.argv[0], bin, ...args];
process.env.HEADFORM_FROM_CLONE = "1";
process.env.INIT_CWD = here;
await import(pathToFileURL(bin).href);

function startArguments(given) {
  const firstOption = given.findIndex((word) => word.startsWith("-"));
  const photos = given.slice(0, firstOption < 0 ? given.length : firstOption);
  const options = given.slice(photos.length);
  if (photos.length === 0) {
    photos.push(relative(here, join(root, "packages/open-head/data/sample.jpg")));
  }
  return ["reconstruct", ...photos, "-o", "out/", "--render", "out/", "--force", ...options];
}
