import { spawnSync } from "node:child_process";
import { createSkinnedWorkspace, evaluate } from "@headform/morphable-model";
import {
  seededCoefficients,
  seededFlame,
  VERTICES,
} from "../../packages/morphable-model/test/seeded-flame.ts";
import { medianMs } from "./median-ms.ts";
import type { Row } from "./row.ts";

const REPEATS = 60;

/**
 * One frame of a model of FLAME's shapes, 400 coefficients and five joints: everything new, only
 * the expression new, only the jaw new. Beside it the same equations in NumPy on one thread, in
 * float32, where Python has it.
 */
export async function run(): Promise<Row[]> {
  const model = seededFlame();
  const { shape, expression, pose } = seededCoefficients(1);
  const out = new Float32Array(3 * VERTICES);
  const numpy = numpyMs();
  const rows: Row[] = [];
  for (const kernel of ["typescript", "auto"] as const) {
    const workspace = createSkinnedWorkspace(model, { kernel });
    const frame = (): void => {
      evaluate(model, { shape, expression, pose }, out, workspace);
    };
    const row = (name: string, medianMs: number, beside: Partial<Row>): Row => {
      return {
        bench: "flame",
        case: `${workspace.kernel.name}, ${name}`,
        n: 400,
        medianMs,
        ...beside,
      };
    };
    let step = 0;
    const everything = medianMs(REPEATS, () => {
      shape[0] = ++step / 100;
      frame();
    });
    const onlyExpression = medianMs(REPEATS, () => {
      expression[0] = ++step / 100;
      frame();
    });
    const onlyJaw = medianMs(REPEATS, () => {
      pose[6] = ++step / 1000;
      frame();
    });
    const against = `${workspace.kernel.name}, everything`;
    rows.push(
      row(
        "everything",
        everything,
        numpy ? { against: numpy.name, ratio: numpy.ms / everything } : {},
      ),
      row("only expression", onlyExpression, { against, ratio: everything / onlyExpression }),
      row("only jaw", onlyJaw, { against, ratio: everything / onlyJaw }),
    );
  }
  return rows;
}

function numpyMs(): { readonly name: string; readonly ms: number } | undefined {
  // Benchmarks run from the repository's root.
  const script = "packages/morphable-model/test/fixtures/make_skinned.py";
  for (const python of ["/usr/bin/python3", "python3"]) {
    const { status, stdout } = spawnSync(python, [script, "--time"]);
    if (status !== 0) continue;
    const { numpy, times } = JSON.parse(stdout.toString()) as { numpy: string; times: number[] };
    times.sort((a, b) => a - b);
    return { name: `NumPy ${numpy}`, ms: times[times.length >> 1] };
  }
  return undefined;
}
