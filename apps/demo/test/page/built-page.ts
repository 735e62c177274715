import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const packages = join(root, "../../packages");

/** The folder of the built page, built anew where a source is younger. */
export function builtPage(): string {
  const dist = join(root, "dist");
  const page = join(dist, "index.html");
  const sources = [
    ...["src", "public", "index.html", "vite.config.ts", "package.json"].map((f) => join(root, f)),
    ...readdirSync(packages).map((name) => join(packages, name, "src")),
    join(packages, "open-head/data"),
  ];
  const built = existsSync(page) ? statSync(page).mtimeMs : 0;
  if (sources.some((path) => youngest(path) > built)) {
    const vite = join(root, "node_modules/vite/bin/vite.js");
    const { status, stderr } = spawnSync(process.execPath, [vite, "build"], {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, NODE_ENV: "production" },
    });
    if (status !== 0) throw new Error(`the page does not build: ${stderr}`);
  }
  return dist;
}

function youngest(path: string): number {
  if (!existsSync(path)) return 0;
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(...readdirSync(path).map((name) => youngest(join(path, name))), 0);
}
