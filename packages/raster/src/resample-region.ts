// The filter. Each axis is a tent of one output pixel's half-width (the usual "antialiased
// bilinear"), but applied to the bilinearly interpolated image instead of the bare samples:
// w(x) = (hat₁ ∗ tent_r)(x), a piecewise cubic. Interpolation reproduces straight lines, and a
// symmetric kernel keeps them, so ramps come out exact at every scale, which a renormalized bare
// tent does not do. r is chosen so that the total variance is that of the tent, r² = s² − 1; at
// s ≤ 1 the kernel is plain bilinear, and the change between the two is continuous.
//
// From a minification of 3 on the region is first averaged over whole k×k blocks; their variance is
// taken off the tent's. One read per photo sample instead of about eight.

/** Numbers of a picture of any sample type. */
export interface Samples {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array | Float32Array;
}

/** A rectangle with real edges, pixels: pixel i covers [i, i + 1]. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Resamples a rectangle of an image to width × height, antialiased, as floats [H×W×C].
 * Outside of the image there is the nearest edge pixel, or `fill` [C].
 */
export function resampleRegion(
  image: Samples,
  region: Region,
  width: number,
  height: number,
  fill?: ArrayLike<number>,
): Float32Array {
  const { channels } = image;
  const across = planAxis(region.x, region.width, width);
  const down = planAxis(region.y, region.height, height);
  const block = reduceBlocks(image, across, down, fill);

  // 1. Along the rows.
  const rows = down.count;
  const { taps, weights } = across;
  const narrow = new Float32Array(rows * width * channels);
  for (let y = 0, target = 0; y < rows; y++) {
    for (let x = 0; x < width; x++, target += channels) {
      const start = (y * across.count + across.first[x]) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        let source = start + c;
        for (let t = x * taps; t < (x + 1) * taps; t++, source += channels) {
          sum += weights[t] * block[source];
        }
        narrow[target + c] = sum;
      }
    }
  }

  // 2. Down the columns, whole rows at a time.
  const stride = width * channels;
  const out = new Float32Array(height * stride);
  for (let y = 0; y < height; y++) {
    for (let t = 0; t < down.taps; t++) {
      const weight = down.weights[y * down.taps + t];
      if (weight === 0) continue;
      const source = (down.first[y] + t) * stride;
      const target = y * stride;
      for (let i = 0; i < stride; i++) out[target + i] += weight * narrow[source + i];
    }
  }
  return out;
}

/** What one axis needs: the blocks it reads and the taps of each output sample. */
interface Axis {
  /** Source samples per block. */
  readonly size: number;
  /** First source sample of the first block; may be negative. */
  readonly origin: number;
  /** Number of blocks. */
  readonly count: number;
  readonly taps: number;
  /** First block of each output sample. */
  readonly first: Int32Array;
  /** [out × taps], each row sums to 1. */
  readonly weights: Float64Array;
}

function planAxis(start: number, extent: number, samples: number): Axis {
  const scale = extent / samples;
  const size = Math.max(1, Math.floor(scale / 1.5));
  const step = scale / size;
  const radius = Math.sqrt(Math.max(0, step * step - 1 - (1 - 1 / (size * size)) / 2));
  const reach = 1 + radius;
  const taps = Math.floor(2 * reach) + 1;
  // Blocks meet at the region's middle, so that a mirrored picture gives a mirrored result.
  const middle = Math.round(start + extent / 2);
  const origin = middle - Math.ceil((extent / 2 + 1) / size + reach + 1) * size;
  const first = new Int32Array(samples);
  const weights = new Float64Array(samples * taps);
  let last = 0;
  for (let i = 0; i < samples; i++) {
    // Position in blocks, whose centers lie at half-integers.
    const center = (start + (i + 0.5) * scale - origin) / size - 0.5;
    first[i] = Math.ceil(center - reach);
    let sum = 0;
    for (let t = 0; t < taps; t++) {
      const weight = kernel(first[i] + t - center, radius);
      weights[i * taps + t] = weight;
      sum += weight;
    }
    for (let t = 0; t < taps; t++) weights[i * taps + t] /= sum;
    last = Math.max(last, first[i] + taps);
  }
  return { size, origin, count: last, taps, first, weights };
}

/** hat₁ ∗ tent_r at x: second differences of the cube, twice. */
function kernel(x: number, radius: number): number {
  // Below this the differences cancel; the tent is then a spike and the hat alone is left.
  if (radius < 1e-3) return Math.max(0, 1 - Math.abs(x));
  let sum = 0;
  for (let i = -1; i <= 1; i++) {
    for (let j = -1; j <= 1; j++) {
      const ramp = Math.max(0, i + j * radius - Math.abs(x));
      sum += (i === 0 ? -2 : 1) * (j === 0 ? -2 : 1) * ramp * ramp * ramp;
    }
  }
  return Math.max(0, sum / (6 * radius * radius));
}

/** Block means [rows×columns×C]; reads each photo sample once and nothing outside of the blocks. */
function reduceBlocks(
  image: Samples,
  across: Axis,
  down: Axis,
  fill: ArrayLike<number> | undefined,
): Float32Array {
  const { height, channels } = image;
  const stride = across.count * channels;
  const out = new Float32Array(down.count * stride);
  const line = new Float64Array(stride);
  const fillLine = new Float64Array(stride);
  if (fill) for (let i = 0; i < stride; i++) fillLine[i] = fill[i % channels] * across.size;

  const area = across.size * down.size;
  for (let by = 0; by < down.count; by++) {
    const top = down.origin + by * down.size;
    const bottom = top + down.size;
    const target = by * stride;
    line.fill(0);
    // Rows beyond the edge weigh on the nearest row, or are filled.
    const above = Math.max(0, Math.min(bottom, 0) - top);
    const below = Math.max(0, bottom - Math.max(top, height));
    if (fill) {
      for (let i = 0; i < stride; i++) line[i] += (above + below) * fillLine[i];
    } else {
      if (above > 0) addRow(line, image, 0, above, across, fill);
      if (below > 0) addRow(line, image, height - 1, below, across, fill);
    }
    const end = Math.min(bottom, height);
    for (let y = Math.max(top, 0); y < end; y++) addRow(line, image, y, 1, across, fill);
    for (let i = 0; i < stride; i++) out[target + i] = line[i] / area;
  }
  return out;
}

/** Adds `weight` times the block sums of one photo row to `sums` [columns×C]. */
function addRow(
  sums: Float64Array,
  { width, channels, data }: Samples,
  y: number,
  weight: number,
  axis: Axis,
  fill: ArrayLike<number> | undefined,
): void {
  const { size, origin, count } = axis;
  const row = y * width * channels;
  // Blocks [from, to) lie wholly inside of the row.
  const from = Math.min(count, Math.max(0, Math.ceil(-origin / size)));
  const to = Math.max(from, Math.min(count, Math.floor((width - origin) / size)));
  let source = row + (origin + from * size) * channels;

  if (size === 1) {
    const end = to * channels;
    for (let i = from * channels; i < end; i++, source++) sums[i] += weight * data[source];
  } else if (channels === 3) {
    for (let block = from; block < to; block++) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let i = 0; i < size; i++, source += 3) {
        r += data[source];
        g += data[source + 1];
        b += data[source + 2];
      }
      sums[3 * block] += weight * r;
      sums[3 * block + 1] += weight * g;
      sums[3 * block + 2] += weight * b;
    }
  } else {
    for (let block = from; block < to; block++) {
      for (let i = 0; i < size; i++, source += channels) {
        for (let c = 0; c < channels; c++) sums[block * channels + c] += weight * data[source + c];
      }
    }
  }

  for (let block = 0; block < count; block++) {
    if (block === from) block = to;
    if (block === count) break;
    const start = origin + block * size;
    const end = start + size;
    const before = Math.max(0, Math.min(end, 0) - start);
    const after = Math.max(0, end - Math.max(start, width));
    for (let c = 0; c < channels; c++) {
      let sum = before * (fill ? fill[c] : data[row + c]);
      sum += after * (fill ? fill[c] : data[row + (width - 1) * channels + c]);
      for (let x = Math.max(start, 0); x < Math.min(end, width); x++) {
        sum += data[row + x * channels + c];
      }
      sums[block * channels + c] += weight * sum;
    }
  }
}
