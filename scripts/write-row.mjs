// Puts a measured row into a table of a page.
import { readFileSync, writeFileSync } from "node:fs";

/**
 * Replaces the row with the same first cell, or adds it, in the table between `<!-- mark -->` and
 * `<!-- end of mark -->`; does nothing where the page has no such table.
 */
export function writeRow(page, mark, cells) {
  const text = readFileSync(page, "utf8");
  const [start, end] = [text.indexOf(`<!-- ${mark} -->`), text.indexOf(`<!-- end of ${mark} -->`)];
  if (start < 0 || end < start) return;
  const lines = text.slice(start, end).trimEnd().split("\n");
  const row = `| ${cells.join(" | ")} |`;
  const at = lines.findIndex((line) => line.startsWith(`| ${cells[0]} |`));
  if (at < 0) lines.push(row);
  else lines[at] = row;
  writeFileSync(page, `${text.slice(0, start)}${lines.join("\n")}\n${text.slice(end)}`);
}
