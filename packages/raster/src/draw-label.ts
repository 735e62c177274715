/** Seven rows of five pixels each; a row is a base-32 digit whose highest bit is the left pixel. */
const GLYPHS: Readonly<Record<string, string>> = {
  A: "ehhvhhh",
  B: "uhhuhhu",
  C: "ehggghe",
  D: "uhhhhhu",
  E: "vgguggv",
  F: "vgguggg",
  G: "ehgnhhe",
  H: "hhhvhhh",
  I: "e44444e",
  J: "72222ic",
  K: "hikokih",
  L: "ggggggv",
  M: "hrllhhh",
  N: "hhpljhh",
  O: "ehhhhhe",
  P: "uhhuggg",
  Q: "ehhhlid",
  R: "uhhukih",
  S: "fgge11u",
  T: "v444444",
  U: "hhhhhhe",
  V: "hhhhha4",
  W: "hhhllla",
  X: "hha4ahh",
  Y: "hhha444",
  Z: "v1248gv",
  "0": "ehjlphe",
  "1": "4c4444e",
  "2": "eh1248v",
  "3": "v2421he",
  "4": "26aiv22",
  "5": "vgu11he",
  "6": "68guhhe",
  "7": "v124888",
  "8": "ehhehhe",
  "9": "ehhf12c",
  ".": "00000cc",
  ",": "0000c48",
  ":": "0cc0cc0",
  "-": "000v000",
  "+": "044v440",
  "=": "00v0v00",
  "/": "01248g0",
  "%": "op248j3",
  "(": "2488842",
  ")": "8422248",
  "°": "6996000",
  "×": "0ha4ah0",
  _: "000000v",
  "'": "4480000",
};

/**
 * Writes a line of capitals, 5×7 pixels each times `scale`, from its top-left corner; characters
 * without a glyph are spaces. Private to the package.
 */
export function drawLabel(
  canvas: { readonly width: number; readonly height: number; readonly data: Uint8Array },
  text: string,
  left: number,
  top: number,
  scale: number,
  color: readonly [number, number, number],
): void {
  let x = left;
  for (const character of text.toUpperCase()) {
    const glyph = GLYPHS[character] ?? "0000000";
    for (let dy = 0; dy < 7 * scale; dy++) {
      const bits = Number.parseInt(glyph[Math.floor(dy / scale)], 32);
      for (let dx = 0; dx < 5 * scale; dx++) {
        if (((bits >> (4 - Math.floor(dx / scale))) & 1) === 0) continue;
        const px = x + dx;
        const py = top + dy;
        if (px < 0 || py < 0 || px >= canvas.width || py >= canvas.height) continue;
        canvas.data.set(color, 3 * (py * canvas.width + px));
      }
    }
    x += 6 * scale;
  }
}
