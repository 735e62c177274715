import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "./row.ts";

/** A benchmark: the name of its file, and the file's `run`. */
export interface Benchmark {
  readonly name: string;
  run(): Promise<Row[]>;
}

/**
 * Runs benchmarks one after the other, prints each one's rows as a table and writes them to
 * `<folder>/<name>.csv`. The ratio is the other's time over ours: above 1 we are faster.
 */
export async function runBenchmarks(
  benchmarks: readonly Benchmark[],
  folder: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const { name, run } of benchmarks) {
    const rows = await run();
    // A benchmark that cannot run here leaves the last results alone.
    if (rows.length === 0) continue;
    process.stdout.write(`\n${name}\n${table(rows)}\n`);
    writeFileSync(join(folder, `${name}.csv`), csv(rows));
  }
}

const header = ["bench", "case", "n", "medianMs", "peakMb", "against", "ratio"];

function cells(row: Row): string[] {
  const { bench, case: name, n, medianMs, peakMb, against = "", ratio } = row;
  return [bench, name, `${n}`, digits(medianMs), digits(peakMb), against, digits(ratio)];
}

/** Three significant digits: more would be noise. */
function digits(value?: number): string {
  return value === undefined ? "" : `${Number(value.toPrecision(3))}`;
}

/** Header and rows; memory only where it was measured. */
function linesOf(rows: readonly Row[]): string[][] {
  const lines = [header, ...rows.map(cells)];
  if (rows.some(({ peakMb }) => peakMb !== undefined)) return lines;
  return lines.map((line) => line.filter((_, i) => header[i] !== "peakMb"));
}

function csv(rows: readonly Row[]): string {
  const quote = (cell: string): string =>
    /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  return linesOf(rows)
    .map((line) => `${line.map(quote).join(",")}\n`)
    .join("");
}

function table(rows: readonly Row[]): string {
  const lines = linesOf(rows).map((line) => line.slice(1));
  const [names] = lines;
  const widths = names.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const isNumber = (i: number): boolean => names[i] !== "case" && names[i] !== "against";
  return lines
    .map((line) =>
      line.map((cell, i) => (isNumber(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))),
    )
    .map((line) => `  ${line.join("  ")}`.trimEnd())
    .join("\n");
}
