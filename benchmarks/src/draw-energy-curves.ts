/** Energies of one solver on one face, step by step. */
export interface EnergyCurve {
  readonly name: string;
  readonly face: number;
  /** Processor time in milliseconds, and the energy then. */
  readonly points: readonly (readonly [number, number])[];
}

const [WIDTH, HEIGHT] = [640, 400];
const PLOT = { left: 64, top: 48, right: 616, bottom: 340 };
const COLORS: Readonly<Record<string, string>> = { "gauss-newton": "#2f7ed8", adam: "#d9730d" };
const NAMES: Readonly<Record<string, string>> = {
  "gauss-newton": "headform, Levenberg–Marquardt",
  adam: "Adam, the paper's 500 steps",
};

/** Energy against time on a logarithmic axis, one line for each face, as SVG. */
export function drawEnergyCurves(curves: readonly EnergyCurve[]): string {
  const all = curves.flatMap(({ points }) => points);
  const [first, last] = [
    Math.min(...all.map(([ms]) => ms)) / 1.2,
    Math.max(...all.map(([ms]) => ms)) * 1.1,
  ];
  const [low, high] = [
    Math.floor(Math.min(...all.map(([, energy]) => energy))),
    Math.ceil(Math.max(...all.map(([, energy]) => energy))),
  ];
  const x = (ms: number): number =>
    PLOT.left + ((PLOT.right - PLOT.left) * Math.log(ms / first)) / Math.log(last / first);
  const y = (energy: number): number =>
    PLOT.bottom - ((PLOT.bottom - PLOT.top) * (energy - low)) / (high - low);
  const at = (value: number): string => value.toFixed(1);
  const text = (u: number, v: number, words: string, more = ""): string =>
    `<text class="ink" x="${at(u)}" y="${at(v)}" ${more}>${words}</text>`;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    "<title>Energy of Pixel3DMM's fit against processor time</title>",
    "<style>.ground{fill:#fff}.ink{fill:#222}.grid{stroke:#ddd}" +
      "@media(prefers-color-scheme:dark){.ground{fill:#16181c}.ink{fill:#e6e6e6}.grid{stroke:#3a3f47}}</style>",
    `<rect class="ground" width="${WIDTH}" height="${HEIGHT}"/>`,
    text(
      WIDTH / 2,
      24,
      "The paper's energy against processor time, a line for each face",
      'text-anchor="middle" font-size="15" font-weight="600"',
    ),
  ];
  for (const ms of [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000]) {
    if (ms < first || ms > last) continue;
    parts.push(`<path class="grid" d="M${at(x(ms))} ${PLOT.top}V${PLOT.bottom}"/>`);
    parts.push(text(x(ms), PLOT.bottom + 20, `${ms / 1000} s`, 'text-anchor="middle"'));
  }
  for (let energy = low; energy <= high; energy += 2) {
    parts.push(`<path class="grid" d="M${PLOT.left} ${at(y(energy))}H${PLOT.right}"/>`);
    parts.push(text(PLOT.left - 8, y(energy) + 4, `${energy}`, 'text-anchor="end"'));
  }
  for (const { name, points } of curves) {
    const path = points.map(([ms, energy]) => `${at(x(ms))} ${at(y(energy))}`).join("L");
    parts.push(
      `<path d="M${path}" fill="none" stroke="${COLORS[name]}" stroke-width="2" stroke-linejoin="round"/>`,
    );
    if (points.length > 100) continue;
    for (const [ms, energy] of points) {
      parts.push(`<circle cx="${at(x(ms))}" cy="${at(y(energy))}" r="3" fill="${COLORS[name]}"/>`);
    }
  }
  Object.entries(NAMES).forEach(([name, words], i) => {
    const row = PLOT.bottom + 46;
    const left = PLOT.left + 270 * i;
    parts.push(`<path d="M${left} ${row - 4}h24" stroke="${COLORS[name]}" stroke-width="3"/>`);
    parts.push(text(left + 32, row, words));
  });
  return `${parts.join("\n")}\n</svg>\n`;
}
