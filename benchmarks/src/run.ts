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
    process.stdout.write(`\n${name}\n${table(rows)}\n`);
    writeFileSync(join(folder, `${name}.csv`), csv(rows));
  }
}

const header = ["bench", "case", "n", "medianMs", "against", "ratio"];

function cells(row: Row): string[] {
  const { bench, case: name, n, medianMs, against = "", ratio } = row;
  return [bench, name, `${n}`, digits(medianMs), against, ratio === undefined ? "" : digits(ratio)];
}

/** Three significant digits: more would be noise. */
function digits(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}

function csv(rows: readonly Row[]): string {
  const quote = (cell: string): string =>
    /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  return [header, ...rows.map(cells)].map((line) => `${line.map(quote).join(",")}\n`).join("");
}

function table(rows: readonly Row[]): string {
  const lines = [header, ...rows.map(cells)].map((line) => line.slice(1));
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const isNumber = (i: number): boolean => i === 1 || i === 2 || i === 4;
  return lines
    .map((line) =>
      line.map((cell, i) => (isNumber(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))),
    )
    .map((line) => `  ${line.join("  ")}`.trimEnd())
    .join("\n");
}
