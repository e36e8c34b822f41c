/**
 * Colours as people see them: how much two differ (WCAG 2.2, "contrast ratio") and shades of the same hue that differ enough.
 * Shades are made in OKLCH (Ottosson 2020), where lightness can move without the hue moving along.
 */

/** Red, green and blue from 0 to 255. */
type Rgb = readonly [number, number, number];

/** `#rrggbb` of `#rgb` or `#rrggbb` in any case; null for anything else. */
export function readColor(text: string): string | null {
  const match = /^#(?:([\da-f])([\da-f])([\da-f])|([\da-f]{6}))$/i.exec(text);
  if (!match) return null;
  const [, red, green, blue, whole] = match;
  return `#${whole ?? `${red}${red}${green}${green}${blue}${blue}`}`.toLowerCase();
}

/** From 1 (the same) to 21 (black on white). */
export function contrast(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Whichever of white and black can be read on it: one of them reaches 4.58 on any colour. White where both do. */
export function readableOn(color: string): string {
  return contrast("#ffffff", color) >= 4.5 ? "#ffffff" : "#000000";
}

/**
 * The colour itself where it differs enough from all of the surfaces, else the nearest shade of its hue that does, on the
 * side away from them: darker on light ones, lighter on dark ones.
 */
export function shadeFor(color: string, ratio: number, surfaces: readonly string[]): string {
  const isEnough = (shade: string) => surfaces.every((surface) => contrast(shade, surface) >= ratio);
  if (isEnough(color)) return color;
  const { hue, chroma, lightness } = oklchOf(color);
  const goal = surfaces.every((surface) => luminance(surface) > 0.18) ? 0 : 1;
  let [near, far] = [lightness, goal];
  for (let round = 0; round < 20; round++) {
    const middle = (near + far) / 2;
    if (isEnough(fromOklch(middle, chroma, hue))) far = middle;
    else near = middle;
  }
  return fromOklch(far, chroma, hue);
}

/** The same hue, lighter or darker by that much of the whole scale (0 to 1). */
export function moved(color: string, by: number): string {
  const { lightness, chroma, hue } = oklchOf(color);
  return fromOklch(Math.min(1, Math.max(0, lightness + by)), chroma, hue);
}

/** The colour with another one's hue, as light and at most as strong as before. */
export function withHueOf(color: string, other: string): string {
  const { lightness, chroma } = oklchOf(color);
  const { hue, chroma: limit } = oklchOf(other);
  return fromOklch(lightness, Math.min(chroma, limit), hue);
}

/** So much of the one (0 to 1) over the other. */
export function mixed(over: string, share: number, under: string): string {
  const [a, b] = [rgbOf(over), rgbOf(under)];
  return hexOf(a.map((value, i) => value * share + b[i]! * (1 - share)) as unknown as Rgb);
}

function rgbOf(color: string): Rgb {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)) as unknown as Rgb;
}

function hexOf(rgb: Rgb): string {
  const two = (value: number) =>
    Math.round(Math.min(255, Math.max(0, value)))
      .toString(16)
      .padStart(2, "0");
  return `#${rgb.map(two).join("")}`;
}

function linear(value: number): number {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function gamma(share: number): number {
  return 255 * (share <= 0.0031308 ? share * 12.92 : 1.055 * share ** (1 / 2.4) - 0.055);
}

function luminance(color: string): number {
  const [red, green, blue] = rgbOf(color).map(linear) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

interface Oklch {
  readonly lightness: number;
  readonly chroma: number;
  /** Radians. */
  readonly hue: number;
}

function oklchOf(color: string): Oklch {
  const [r, g, b] = rgbOf(color).map(linear) as unknown as Rgb;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const bb = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return {
    lightness: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    chroma: Math.hypot(a, bb),
    hue: Math.atan2(bb, a),
  };
}

/** As strong as a screen can show it in that lightness. */
function fromOklch(lightness: number, chroma: number, hue: number): string {
  let [shown, low] = [chroma, 0];
  if (!isShowable(linearOf(lightness, shown, hue))) {
    for (let round = 0; round < 16; round++) {
      const middle = (low + shown) / 2;
      if (isShowable(linearOf(lightness, middle, hue))) low = middle;
      else shown = middle;
    }
    shown = low;
  }
  return hexOf(linearOf(lightness, shown, hue).map((share) => gamma(Math.max(0, share))) as unknown as Rgb);
}

function isShowable(rgb: Rgb): boolean {
  return rgb.every((share) => share >= -0.0001 && share <= 1.0001);
}

function linearOf(lightness: number, chroma: number, hue: number): Rgb {
  const [a, b] = [chroma * Math.cos(hue), chroma * Math.sin(hue)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}
