import { cumulativeErrors, drawErrorCurves } from "@headform/evaluation";
import { describe, expect, test } from "vitest";

const curve = (errors: number[], label: string) => ({ label, ...cumulativeErrors(errors, 0.1) });

describe("drawErrorCurves", () => {
  test("a step per error, at the right place", () => {
    const svg = drawErrorCurves([curve([0.05, 0.2], "one & <two>")], {
      title: "Faces",
      errorLabel: "NME, %",
      errorScale: 100,
    });
    // The plot is 552 wide from 64 and 312 high down to 356: half of both.
    expect(svg).toContain("M64 356H340V200H616");
    expect(svg).toContain("one &amp; &lt;two&gt; (AUC 0.250)");
    for (const tick of [0, 2, 4, 6, 8, 10]) expect(svg).toContain(`>${tick}</text>`);
    expect(svg).toContain("prefers-color-scheme:dark");
  });
  test("is well-formed: every element is closed", () => {
    const svg = drawErrorCurves([curve([0.01], "a"), curve([0.02, 0.03], "b")]);
    const open = svg.match(/<[a-z]+[^>]*[^/]>/g)?.length;
    const closed = svg.match(/<\/[a-z]+>/g)?.length;
    expect(open).toBe(closed);
    expect(svg.match(/<path [^>]*stroke="#/g)).toHaveLength(4);
  });
  test("ten thousand errors stay a small picture", () => {
    const errors = Array.from({ length: 10_000 }, (_, i) => i / 100_000);
    // At most two numbers for each half pixel.
    expect(drawErrorCurves([curve(errors, "many")]).length).toBeLessThan(40_000);
  });
  test("refuses no curve and limits that differ", () => {
    expect(() => drawErrorCurves([])).toThrow(RangeError);
    const other = { label: "b", ...cumulativeErrors([0.1], 0.2) };
    expect(() => drawErrorCurves([curve([0.1], "a"), other])).toThrow("one limit");
  });
});
