import type { CumulativeErrors } from "./cumulative-errors.ts";

/** One curve of {@link drawErrorCurves}. */
export interface ErrorCurve extends CumulativeErrors {
  readonly label: string;
}

export interface DrawErrorCurvesOptions {
  /** Above the picture; nothing unless told. */
  readonly title?: string;
  /** What the errors are, and their unit: "NME, %". */
  readonly errorLabel?: string;
  /** Errors are multiplied by this on the axis: 100 for percent. */
  readonly errorScale?: number;
  /** What is counted. */
  readonly shareLabel?: string;
}

/** Defaults of {@link drawErrorCurves}. */
export const DRAW_ERROR_CURVES_DEFAULTS: {
  readonly errorLabel: string;
  readonly errorScale: number;
  readonly shareLabel: string;
} = { errorLabel: "error", errorScale: 1, shareLabel: "share of faces, %" };

const WIDTH = 640;
const HEIGHT = 420;
const PLOT = { left: 64, top: 44, right: 616, bottom: 356 };

/** Told apart on white and on black, and by people who see few colors; dashes tell the rest. */
const COLORS = ["#2f7ed8", "#d9730d", "#1f9d6b", "#b45ad1", "#c94f4f", "#8a8a2a"];
const DASHES = ["", "7 4", "2 4", "10 3 2 3"];

/**
 * Draws cumulative error distributions as one SVG picture, with the area under each curve (AUC) in
 * the legend. Colors follow the reader's light or dark surroundings.
 *
 * @param curves at least one, all with the same limit
 * @throws RangeError for no curve or limits that differ
 */
export function drawErrorCurves(
  curves: readonly ErrorCurve[],
  options: DrawErrorCurvesOptions = {},
): string {
  const { errorLabel, errorScale, shareLabel, title } = {
    title: "",
    ...DRAW_ERROR_CURVES_DEFAULTS,
    ...options,
  };
  const limit = curves[0]?.limit ?? Number.NaN;
  if (curves.length === 0 || curves.some((curve) => curve.limit !== limit)) {
    throw new RangeError("drawErrorCurves: expected curves with one limit, got none or several");
  }
  const x = (error: number): number =>
    PLOT.left + (PLOT.right - PLOT.left) * Math.min(1, error / limit);
  const y = (share: number): number => PLOT.bottom - (PLOT.bottom - PLOT.top) * share;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escapeText(title || `${errorLabel}: cumulative distribution`)}</title>`,
    "<style>.ground{fill:#fff}.ink{fill:#222}.line{stroke:#222}.grid{stroke:#ddd}" +
      "@media(prefers-color-scheme:dark){.ground{fill:#16181c}.ink{fill:#e6e6e6}.line{stroke:#e6e6e6}.grid{stroke:#3a3f47}}</style>",
    `<rect class="ground" width="${WIDTH}" height="${HEIGHT}"/>`,
    text(WIDTH / 2, 26, title, "middle", 'font-size="15" font-weight="600"'),
  ];
  // Axes.
  for (let share = 0; share <= 100; share += 20) {
    const at = y(share / 100);
    parts.push(line(PLOT.left, at, PLOT.right, at, share ? "grid" : "line"));
    parts.push(text(PLOT.left - 8, at + 4, `${share}`, "end"));
  }
  for (const tick of ticks(limit * errorScale)) {
    const at = x(tick / errorScale);
    parts.push(line(at, PLOT.top, at, PLOT.bottom, tick ? "grid" : "line"));
    parts.push(text(at, PLOT.bottom + 20, `${tick}`, "middle"));
  }
  const middle = (PLOT.top + PLOT.bottom) / 2;
  parts.push(text((PLOT.left + PLOT.right) / 2, HEIGHT - 20, errorLabel, "middle"));
  parts.push(text(20, middle, shareLabel, "middle", `transform="rotate(-90 20 ${middle})"`));
  // Curves.
  curves.forEach((curve, k) => {
    const style = `stroke="${COLORS[k % COLORS.length]}" stroke-width="2.2" stroke-dasharray="${DASHES[Math.floor(k / COLORS.length) % DASHES.length]}"`;
    parts.push(`<path d="${stairs(curve, x, y)}" fill="none" ${style} stroke-linejoin="round"/>`);
    const row = PLOT.bottom - 18 * (curves.length - k) + 4;
    const right = PLOT.right - 12;
    parts.push(`<path d="M${right - 24} ${row - 4}h24" fill="none" ${style}/>`);
    parts.push(
      text(right - 32, row, `${curve.label} (AUC ${curve.areaUnderCurve.toFixed(3)})`, "end"),
    );
  });
  return `${parts.filter(Boolean).join("\n")}\n</svg>\n`;
}

/** A step at each error; of equal ones, and of more than the picture can show, one. */
function stairs(
  { errors, limit }: CumulativeErrors,
  x: (error: number) => number,
  y: (share: number) => number,
): string {
  let path = `M${number(x(0))} ${number(y(0))}`;
  let last = x(0);
  for (let n = 0; n < errors.length && errors[n] <= limit; n++) {
    const end = n + 1 === errors.length || errors[n + 1] > limit;
    const at = x(errors[n]);
    if (!end && x(errors[n + 1]) - last < 0.5) continue;
    path += `H${number(at)}V${number(y((n + 1) / errors.length))}`;
    last = at;
  }
  return `${path}H${number(x(limit))}`;
}

/** Round numbers from 0 to `limit`, about six. */
function ticks(limit: number): number[] {
  const rough = limit / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((m) => m * power >= rough * 0.999)! * power;
  return Array.from({ length: Math.floor(limit / step + 1e-9) + 1 }, (_, i) =>
    Number((i * step).toPrecision(6)),
  );
}

function line(x0: number, y0: number, x1: number, y1: number, kind: string): string {
  return `<path class="${kind}" d="M${number(x0)} ${number(y0)}L${number(x1)} ${number(y1)}" fill="none"/>`;
}

function text(x: number, y: number, words: string, anchor: string, extra = ""): string {
  if (!words) return "";
  return `<text class="ink" x="${number(x)}" y="${number(y)}" text-anchor="${anchor}" ${extra}>${escapeText(words)}</text>`;
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escapeText(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
