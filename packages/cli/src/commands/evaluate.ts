import { relative, resolve } from "node:path";
import { cumulativeErrors, drawErrorCurves, summarizeErrors } from "@headform/evaluation";
import { Argument, type Command, Option } from "commander";
import { LENGTH_UNITS, type LengthUnit } from "../evaluate/load-face.ts";
import { pairFiles } from "../evaluate/pair-files.ts";
import { type FaceMeasures, PROTOCOLS, type Protocol } from "../evaluate/protocols.ts";
import { Failure } from "../failure.ts";
import { parseNumber } from "../parse-volume-options.ts";
import { createProgress } from "../progress.ts";
import type { Terminal } from "../terminal.ts";
import { checkTargets, writeOutputs } from "../write-output.ts";

interface EvaluateOptions {
  readonly predictions: string;
  readonly truth: string;
  readonly predictionsUnit?: LengthUnit;
  readonly truthUnit?: LengthUnit;
  readonly metrical?: boolean;
  readonly curve?: string;
  readonly limit?: string;
  readonly json?: boolean;
  readonly force?: boolean;
}

interface MeasuredFace extends FaceMeasures {
  readonly name: string;
}

/** Adds `headform evaluate` to the program. */
export function addEvaluate(program: Command, terminal: Terminal): void {
  program
    .command("evaluate")
    .summary("measure predictions against the truth as published benchmarks do")
    .description(
      "Measure predicted faces against true ones as the published benchmarks do.\n" +
        "Files of the two folders are paired by their names without the ending:\n" +
        "meshes .obj .ply .stl .glb, landmarks .json .pts .txt .pp.",
    )
    .addArgument(
      new Argument("<protocol>", "see below").choices(PROTOCOLS.map((protocol) => protocol.name)),
    )
    .requiredOption("--predictions <folder>", "folder of the predictions")
    .requiredOption("--truth <folder>", "folder of the truth; it says which faces there are")
    .addOption(
      new Option(
        "--predictions-unit <unit>",
        "unit of the predictions' files, where they do not say",
      ).choices(LENGTH_UNITS),
    )
    .addOption(
      new Option("--truth-unit <unit>", "unit of the truth's files, where they do not say").choices(
        LENGTH_UNITS,
      ),
    )
    .option("--metrical", "now: the predictions' size counts too")
    .option("--curve <file.svg>", "draw the cumulative distribution of the errors")
    .option("--limit <error>", "end of the curve, in the unit of its axis")
    .option("--json", "print one JSON document")
    .option("--force", "replace files that exist")
    .addHelpText("after", () => `\nProtocols:\n${PROTOCOLS.map(describe).join("\n")}`)
    .action((name: string, options: EvaluateOptions) =>
      evaluate(PROTOCOLS.find((protocol) => protocol.name === name) as Protocol, options, terminal),
    );
}

function describe({ name, summary, expects }: Protocol): string {
  return `  ${name.padEnd(12)} ${summary}\n${`Expects ${expects}.`.replaceAll(/^/gm, " ".repeat(15))}`;
}

async function evaluate(
  protocol: Protocol,
  options: EvaluateOptions,
  terminal: Terminal,
): Promise<void> {
  const { cwd, stdout, stderr } = terminal;
  // 1. Everything that can be wrong before the work.
  const { predictions, truth, predictionsUnit, truthUnit, json = false, force = false } = options;
  const { curve } = protocol;
  const limit =
    options.limit === undefined
      ? curve.limit
      : parseNumber(options.limit, "limit", Number.MIN_VALUE) / curve.scale;
  const target = options.curve === undefined ? undefined : svgPath(options.curve, cwd);
  if (target) await checkTargets([target], force);
  const { pairs, unpaired } = await pairFiles(predictions, truth, protocol.needs, cwd);
  if (unpaired.length > 0) {
    const some = unpaired.slice(0, 5).join(", ") + (unpaired.length > 5 ? ", …" : "");
    stderr.write(`${unpaired.length} without a truth, not measured: ${some}\n`);
  }

  // 2. Face by face.
  const progress = createProgress(terminal, json);
  const faces: MeasuredFace[] = [];
  for (const [k, pair] of pairs.entries()) {
    progress.stage(pair.name, k, pairs.length);
    const measures = await protocol
      .measure(pair, {
        cwd,
        metrical: options.metrical === true,
        ...(predictionsUnit && { predictionsUnit }),
        ...(truthUnit && { truthUnit }),
      })
      .catch((cause: unknown) => {
        progress.end();
        throw asFailure(cause, pair.name);
      });
    faces.push({ name: pair.name, ...measures });
  }
  progress.end();

  // 3. The figures, and the curve.
  const errors = Float64Array.from(faces.flatMap((face) => Array.from(face.errors)));
  const distribution = cumulativeErrors(errors, limit);
  if (target) {
    const counted = curve.counted === "faces" ? "share of faces, %" : "share of points, %";
    const svg = drawErrorCurves([{ label: protocol.name, ...distribution }], {
      title: `${protocol.name}: ${faces.length} ${faces.length === 1 ? "face" : "faces"}`,
      errorLabel: curve.label,
      errorScale: curve.scale,
      shareLabel: counted,
    });
    await writeOutputs([{ path: target, bytes: new TextEncoder().encode(svg) }], force);
  }
  const outputs = target ? [relative(cwd, target)] : [];
  const report = summarize(protocol, faces, errors, distribution, outputs);
  stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : table(report, curve.counted));
}

interface EvaluationReport {
  readonly version: 1;
  readonly protocol: string;
  readonly count: number;
  /** Mean over the faces of each figure. */
  readonly mean: Readonly<Record<string, number>>;
  /** Median over the faces. */
  readonly median: Readonly<Record<string, number>>;
  /** Of the errors of all faces together. */
  readonly pooled: Readonly<Record<string, number>>;
  readonly faces: readonly { readonly name: string; readonly [figure: string]: number | string }[];
  readonly outputs: readonly string[];
}

function summarize(
  { name, curve }: Protocol,
  faces: readonly MeasuredFace[],
  errors: Float64Array,
  { areaUnderCurve, failureRate, limit }: ReturnType<typeof cumulativeErrors>,
  outputs: readonly string[],
): EvaluationReport {
  const figures = Object.keys(faces[0].figures);
  const over = (pick: "mean" | "median"): Record<string, number> =>
    Object.fromEntries(
      figures.map((figure) => [
        figure,
        summarizeErrors(faces.map((face) => face.figures[figure]))[pick],
      ]),
    );
  const all = summarizeErrors(errors);
  return {
    version: 1,
    protocol: name,
    count: faces.length,
    mean: over("mean"),
    median: over("median"),
    pooled: {
      errors: all.count,
      mean: curve.scale * all.mean,
      median: curve.scale * all.median,
      std: curve.scale * all.standardDeviation,
      limit: curve.scale * limit,
      AUC: areaUnderCurve,
      failureRate,
    },
    faces: faces.map((face) => ({ name: face.name, ...face.figures })),
    outputs,
  };
}

/** Faces, mean and median as columns, then what all errors together say. */
function table(report: EvaluationReport, counted: "faces" | "points"): string {
  const figures = Object.keys(report.mean);
  const row = (name: string, values: Readonly<Record<string, number | string>>): string[] => [
    name,
    ...figures.map((figure) => {
      const value = values[figure];
      return typeof value === "number" ? value.toFixed(3) : "–";
    }),
  ];
  const rows = [
    ["face", ...figures],
    ...report.faces.map((face) => row(face.name, face)),
    row("mean", report.mean),
    row("median", report.median),
  ];
  const widths = rows[0].map((_, k) => Math.max(...rows.map((cells) => cells[k].length)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, k) => (k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k])))
      .join("  ")
      .trimEnd(),
  );
  const { pooled } = report;
  lines.push(
    `all ${counted}: median ${pooled.median.toFixed(3)}, mean ${pooled.mean.toFixed(3)}, std ${pooled.std.toFixed(3)}; ` +
      `AUC up to ${Number(pooled.limit.toPrecision(6))} ${pooled.AUC.toFixed(3)}, beyond it ${(100 * pooled.failureRate).toFixed(1)} %`,
    ...report.outputs,
  );
  return `${lines.join("\n")}\n`;
}

function svgPath(file: string, cwd: string): string {
  if (file.toLowerCase().endsWith(".svg")) return resolve(cwd, file);
  throw new Failure("usage", "unknown-format", `--curve is drawn as .svg; got ${file}.`);
}

/** Numbers of points, frames and the like come from the files: the message says what is wrong. */
function asFailure(cause: unknown, name: string): unknown {
  if (!(cause instanceof RangeError)) return cause;
  return new Failure("failed", "not-measured", `${name} cannot be measured: ${cause.message}.`, {
    cause,
  });
}
