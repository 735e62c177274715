#!/usr/bin/env node
// Who may import whom: scripts/layers.json against what packages/*/src and package.json really do.
//
//   node scripts/check-layers.mjs [REPOSITORY]      exit code 1 and a line per violation
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

/**
 * Every violation of the layer table in a repository.
 *
 * @param {string} root the repository's folder
 * @param {{ packages: Record<string, { layer: number, imports: string[], node?: string[] }> }} table
 *   per package: its layer, the packages it may import, the files (or folders, ending in a slash)
 *   that may use Node's own modules
 * @returns {string[]} one line each: file, import, and why not
 */
export function checkLayers(root, table) {
  const violations = checkTable(table);
  const edges = new Map();
  for (const folder of folders(root, table, violations)) {
    const rule = table.packages[folder];
    const path = join(root, "packages", folder);
    const manifest = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
    const used = new Set();
    edges.set(folder, used);

    for (const field of ["dependencies", "optionalDependencies", "peerDependencies"]) {
      for (const name of Object.keys(manifest[field] ?? {})) {
        const other = workspaceName(name);
        if (!other) continue;
        used.add(other);
        if (!rule.imports.includes(other)) {
          violations.push(
            `packages/${folder}/package.json: ${name}: ${refusal(folder, other, table)}`,
          );
        }
      }
    }
    // Development dependencies shape the build graph, so they count for cycles only.
    for (const name of Object.keys(manifest.devDependencies ?? {})) {
      const other = workspaceName(name);
      if (other) used.add(other);
    }

    const declared = {
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.peerDependencies,
    };
    for (const file of sources(join(path, "src"))) {
      const inside = relative(path, file).replaceAll("\\", "/");
      for (const name of importsOf(file)) {
        const reason = refuse(name, file, inside, { folder, path, rule, declared, table });
        if (reason) violations.push(`packages/${folder}/${inside}: ${name}: ${reason}`);
        const other = workspaceName(name);
        if (other) used.add(other);
      }
    }
  }
  return [...violations, ...cycles(edges)];
}

/** Why an import is not allowed, or nothing. */
function refuse(name, file, inside, { folder, path, rule, declared, table }) {
  if (name.startsWith(".")) {
    const target = resolve(dirname(file), name);
    return target.startsWith(join(path, "src"))
      ? undefined
      : "reaches outside of the package's src";
  }
  if (isNodeModule(name)) {
    const allowed = (rule.node ?? []).some(
      (prefix) => inside === prefix || (prefix.endsWith("/") && inside.startsWith(prefix)),
    );
    return allowed ? undefined : "a Node module in a file that must run in browsers";
  }
  const other = workspaceName(name);
  if (other && !rule.imports.includes(other)) return refusal(folder, other, table);
  const bare = name.startsWith("@") ? name.split("/").slice(0, 2).join("/") : name.split("/")[0];
  return bare in declared ? undefined : "not among the package's dependencies";
}

function refusal(folder, other, table) {
  const own = table.packages[folder].layer;
  const its = table.packages[other]?.layer;
  return its === undefined
    ? `${other} is no package that others may import`
    : `layer ${own} (${folder}) may not import ${other} (layer ${its})`;
}

/** A table that lets a package import its own or a higher layer is itself wrong. */
function checkTable(table) {
  const violations = [];
  for (const [name, { layer, imports }] of Object.entries(table.packages)) {
    for (const other of imports) {
      const its = table.packages[other]?.layer;
      if (!(its < layer)) {
        violations.push(
          `layers.json: ${name} (layer ${layer}) → ${other} (layer ${its}): not a lower layer`,
        );
      }
    }
  }
  return violations;
}

function folders(root, table, violations) {
  const found = readdirSync(join(root, "packages")).filter((name) =>
    existsSync(join(root, "packages", name, "package.json")),
  );
  for (const name of found) {
    if (!table.packages[name]) violations.push(`packages/${name}: has no layer in layers.json`);
  }
  return found.filter((name) => table.packages[name]).sort();
}

function sources(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => /\.[cm]?[jt]sx?$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Every module a file names: import, export … from, import(), import types. */
function importsOf(file) {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, "utf8"), true, true);
  return new Set(importedFiles.map(({ fileName }) => fileName));
}

function isNodeModule(name) {
  return name.startsWith("node:") || builtinModules.includes(name.split("/")[0]);
}

/** Folder of a workspace package by its published name. */
function workspaceName(name) {
  return (
    /^@headform\/([^/]+)/.exec(name)?.[1] ?? (/^headform(\/|$)/.test(name) ? "cli" : undefined)
  );
}

/** Each cycle of the package graph once, as a path. */
function cycles(edges) {
  const found = [];
  const done = new Set();
  const visit = (name, trail) => {
    const start = trail.indexOf(name);
    if (start >= 0) {
      found.push(`cycle: ${[...trail.slice(start), name].join(" → ")}`);
      return;
    }
    if (done.has(name)) return;
    for (const next of edges.get(name) ?? []) visit(next, [...trail, name]);
    done.add(name);
  };
  for (const name of edges.keys()) visit(name, []);
  return found;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = resolve(process.argv[2] ?? dirname(here));
  const table = JSON.parse(readFileSync(join(root, "scripts/layers.json"), "utf8"));
  const violations = checkLayers(root, table);
  for (const line of violations) console.error(line);
  console.error(
    violations.length ? `layers: ${violations.length} violations` : "layers: as the table says",
  );
  process.exitCode = violations.length ? 1 : 0;
}
