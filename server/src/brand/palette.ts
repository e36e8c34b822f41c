import { contrast, mixed, moved, readableOn, shadeFor, withHueOf } from "./contrast.ts";

/**
 * The operator's colour as site and mails use it. Any colour is taken: an operator can't choose another for a company, so
 * a colour that can't be read somewhere is replaced there, and there alone, by the nearest shade of its hue that can
 * (WCAG 2.2 AA: text 4.5:1, edges 3:1). Buttons are filled with the colour itself; black or white is always readable on it.
 */
export interface AccentColor {
  /** `#rrggbb`, for pages and mails in daylight. */
  readonly light: string;
  /** The same for dark ones. */
  readonly dark: string;
}

type Mode = keyof AccentColor;

/** What the colour is seen on; the names are those of web/src/styles/tokens.css (guard: palette.test.ts compares them). */
export const surfaces = {
  light: { paper: "#f5f1e8", card: "#fffdf8" },
  dark: { paper: "#121816", card: "#19211e" },
} as const;

/** The garden behind the gate takes the colour's hue, and keeps its own light. */
export const scenery = {
  light: {
    "sky-high": "#cfe3dc",
    "hill-far": "#a9c9bd",
    "hill-mid": "#6fa392",
    "hill-near": "#2f6f5d",
    water: "#bdd8d0",
  },
  dark: {
    "sky-high": "#0d1a22",
    "hill-far": "#2c4a4b",
    "hill-mid": "#1f3a39",
    "hill-near": "#122826",
    water: "#1b3038",
  },
} as const;

const textRatio = 4.5;
const edgeRatio = 3;

/** The site's properties in one mode, without their leading dashes. */
export function sitePalette(accent: AccentColor, mode: Mode): Readonly<Record<string, string>> {
  const fill = accent[mode];
  const { paper, card } = surfaces[mode];
  const wash = mixed(fill, 0.1, card);
  const text = shadeFor(fill, textRatio, [paper, card, wash]);
  const onFill = readableOn(fill);
  const isEdged = [paper, card].some((surface) => contrast(fill, surface) < edgeRatio);
  return {
    leaf: fill,
    "leaf-deep": hovered(fill, onFill),
    "leaf-edge": isEdged ? text : "transparent",
    "leaf-text": text,
    "leaf-wash": wash,
    "on-leaf": onFill,
    focus: text,
    seal: fill,
    "on-seal": onFill,
    ...Object.fromEntries(
      Object.entries(scenery[mode]).map(([name, color]) => [name, withHueOf(color, fill)]),
    ),
  };
}

/** A step away from what is written on it, so that it stays readable. */
function hovered(fill: string, onFill: string): string {
  return moved(fill, onFill === "#ffffff" ? -0.07 : 0.07);
}

/** The same for browsers that don't know `light-dark()`; a chosen theme is stronger than the system's. */
export function siteStyles(accent: AccentColor): string {
  const [light, dark] = (["light", "dark"] as const).map((mode) =>
    Object.entries(sitePalette(accent, mode))
      .map(([name, value]) => `--${name}:${value}`)
      .join(";"),
  );
  return [
    `:root,:root[data-theme="light"]{${light}}`,
    `@media (prefers-color-scheme:dark){:root:not([data-theme="light"]){${dark}}}`,
    `:root[data-theme="dark"]{${dark}}`,
    "",
  ].join("\n");
}

export interface MailPalette {
  /** Of the name and the code, on white and on the code's ground. */
  readonly text: string;
  readonly codeGround: string;
  readonly button: string;
  readonly onButton: string;
  readonly buttonEdge: string;
  /** Of the name and the code where the reader darkens mails. */
  readonly darkText: string;
  readonly darkCodeGround: string;
}

export const mailSurfaces = { card: "#ffffff", darkCard: "#22252c", darkCode: "#2c313b" } as const;

/** 美多's red. */
export const defaultMailPalette: MailPalette = {
  text: "#c8161d",
  codeGround: "#f7f2f2",
  button: "#c8161d",
  onButton: "#ffffff",
  buttonEdge: "#c8161d",
  darkText: "#ff8f8f",
  darkCodeGround: mailSurfaces.darkCode,
};

export function mailPalette({ light, dark }: AccentColor): MailPalette {
  const codeGround = mixed(light, 0.06, mailSurfaces.card);
  const text = shadeFor(light, textRatio, [mailSurfaces.card, codeGround]);
  return {
    text,
    codeGround,
    button: light,
    onButton: readableOn(light),
    // Readers that darken mails leave the button as it is.
    buttonEdge: contrast(light, mailSurfaces.card) < edgeRatio ? text : light,
    darkText: shadeFor(dark, textRatio, [mailSurfaces.darkCard, mailSurfaces.darkCode]),
    darkCodeGround: mailSurfaces.darkCode,
  };
}

/** Where another shade stands in for the colour, for whoever chose it. */
export function replacedShades(accent: AccentColor): readonly { mode: Mode; color: string; text: string }[] {
  return (["light", "dark"] as const).flatMap((mode) => {
    const text = sitePalette(accent, mode)["leaf-text"]!;
    return text === accent[mode] ? [] : [{ mode, color: accent[mode], text }];
  });
}
