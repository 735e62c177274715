import { describe, expect, it } from "vitest";
import { checkBoxInside, parseBox, parseLandmarks } from "../src/parse-options.ts";
import { planOutputs } from "../src/plan-outputs.ts";

describe("--box", () => {
  it("reads four numbers", () => {
    expect(parseBox("1,2.5, 30,40")).toEqual({ x: 1, y: 2.5, width: 30, height: 40 });
  });
  it.each(["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1,,3,4", "1,2,Infinity,4"])(
    "refuses %j",
    (text) => {
      expect(() => parseBox(text)).toThrow(/--box expects four numbers x,y,w,h/);
    },
  );
  it("refuses a box without size and one outside the photo", () => {
    expect(() => parseBox("10,10,0,5")).toThrow(/8 pixels at least; got 0 × 5/);
    expect(() =>
      checkBoxInside({ x: 500, y: 0, width: 50, height: 50 }, "a.jpg", 450, 450),
    ).toThrow(/lies outside a\.jpg, which has 450 × 450 pixels/);
    expect(() =>
      checkBoxInside({ x: 400, y: 0, width: 90, height: 50 }, "a.jpg", 450, 450),
    ).not.toThrow();
  });
});

describe("--landmarks", () => {
  const points = Array.from({ length: 68 }, (_, i) => [i + 0.25, 2 * i]);
  it("reads JSON points, a document, and what --json printed", () => {
    const flat = Float64Array.from(points.flat());
    expect(parseLandmarks(JSON.stringify(points), "l.json")).toEqual(flat);
    expect(parseLandmarks(JSON.stringify({ landmarks68: points }), "l.json")).toEqual(flat);
    const report = {
      version: 1,
      images: [{ faces: [{ landmarks68: points.map((p) => [...p, 7]) }] }],
    };
    expect(parseLandmarks(JSON.stringify(report), "l.json")).toEqual(flat);
  });
  it("refuses landmarks on one spot, as when they are given in fractions of the photo", () => {
    const tiny = points.map(([x, y]) => [x! / 450, y! / 450]);
    expect(() => parseLandmarks(JSON.stringify(tiny), "l.json")).toThrow(/span 0\.1 pixels/);
  });
  it("reads .pts with pixel indices from 1", () => {
    const text = `version: 1\nn_points: 68\n{\n${points.map(([x, y]) => `${x} ${y}`).join("\n")}\n}\n`;
    expect(parseLandmarks(text, "l.pts")).toEqual(
      Float64Array.from(points.flat(), (value) => value - 0.5),
    );
  });
  it.each([
    "nonsense",
    "[]",
    "{}",
    "[[1,2],[3,4]]",
    `[${Array(68).fill("[1,null]")}]`.replaceAll("null", '"x"'),
  ])("refuses %j", (text) => {
    expect(() => parseLandmarks(text, "l.json")).toThrow(/l\.json .*68/);
  });
});

describe("where results go", () => {
  const paths = (photos: string[], options: Parameters<typeof planOutputs>[1]) =>
    planOutputs(photos, options, "/w").map((p) => [p.meshPath?.(0), p.renderPath?.(0)]);
  it("names a mesh after its photo, here", () => {
    expect(paths(["p/me.jpg"], {})).toEqual([["/w/me.glb", undefined]]);
    expect(paths(["p/me.jpg"], { format: "ply" })).toEqual([["/w/me.ply", undefined]]);
  });
  it("takes a file, or a folder for several photos", () => {
    expect(paths(["me.jpg"], { output: "x/h.obj", render: "r.png" })).toEqual([
      ["/w/x/h.obj", "/w/r.png"],
    ]);
    expect(paths(["a.jpg", "b.jpg"], { output: "heads/", render: "pics" })).toEqual([
      ["/w/heads/a.glb", "/w/pics/a.png"],
      ["/w/heads/b.glb", "/w/pics/b.png"],
    ]);
  });
  it("numbers the further faces of a photo", () => {
    const [plan] = planOutputs(["me.jpg"], { output: "h.glb" }, "/w");
    expect([0, 1, 2].map((i) => plan?.meshPath?.(i))).toEqual([
      "/w/h.glb",
      "/w/h-2.glb",
      "/w/h-3.glb",
    ]);
  });
  it("writes no mesh for --json alone", () => {
    expect(paths(["me.jpg"], { json: true })).toEqual([[undefined, undefined]]);
    expect(paths(["me.jpg"], { json: true, output: "h.stl" })).toEqual([["/w/h.stl", undefined]]);
  });
  it("refuses what cannot be meant", () => {
    expect(() => paths(["a.jpg", "b.jpg"], { output: "h.glb" })).toThrow(/Name a folder instead/);
    expect(() => paths(["a.jpg"], { output: "h.glb", format: "ply" })).toThrow(/contradict/);
    expect(() => paths(["a.jpg"], { output: "h.fbx" })).toThrow(/meshes are written as \.glb/);
    expect(() => paths(["a.jpg"], { render: "r.jpg" })).toThrow(/written as \.png/);
    expect(() => paths(["x/a.jpg", "y/a.jpg"], {})).toThrow(
      /x\/a\.jpg and y\/a\.jpg would both write/,
    );
  });
});
