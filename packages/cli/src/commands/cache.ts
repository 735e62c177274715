import { rm } from "node:fs/promises";
import type { Command } from "commander";
import { type CacheContents, readCache } from "../read-cache.ts";
import type { Terminal } from "../terminal.ts";

/** Adds `headform cache list | clear` to the program. */
export function addCache(program: Command, terminal: Terminal): void {
  const cache = program
    .command("cache")
    .summary("what is kept of downloads and earlier work")
    .description(
      "Models given by address are downloaded once, matches of head models computed once; they are\n" +
        "kept in $XDG_CACHE_HOME/headform (~/.cache/headform; ~/Library/Caches on macOS,\n" +
        "%LOCALAPPDATA% on Windows). HEADFORM_CACHE_LIMIT says how many bytes of downloads (2e9).",
    );
  cache
    .command("list")
    .summary("the files, with size and last use")
    .option("--json", "print them as JSON")
    .action(async ({ json }: { readonly json?: boolean }) => {
      const contents = await readCache(terminal.env);
      terminal.stdout.write(json ? `${JSON.stringify(contents, null, 2)}\n` : describe(contents));
    });
  cache
    .command("clear")
    .summary("remove them all")
    .action(async () => {
      const { folder, files, bytes } = await readCache(terminal.env);
      await rm(folder, { recursive: true, force: true });
      const count = `${files.length} ${files.length === 1 ? "file" : "files"}`;
      terminal.stdout.write(`${count} removed, ${megabytes(bytes)}\n`);
    });
}

function describe({ folder, bytes, files }: CacheContents): string {
  const rows = files.map(
    (file) =>
      `${megabytes(file.bytes).padStart(10)}  ${file.lastUsed.slice(0, 10)}  ${file.name}\n`,
  );
  return `${rows.join("")}${megabytes(bytes).padStart(10)}  in ${folder}\n`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
