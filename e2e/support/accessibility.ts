import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
// A frame without an address of its own has no origin that axe would talk to. The 0 at the end because the browser hands back the last
// value property by property.
const axeSource = `${readFileSync(axeFile, "utf8")};axe.configure({ allowedOrigins: ["<unsafe_all_origins>"] });0`;

/** No transition is under way, whatever turns for ever: half-way between two themes no contrast is right. */
const isAtRest = `document.getAnimations().every((one) => !(one instanceof CSSTransition) || one.playState !== "running")`;

const options = {
  resultTypes: ["violations"],
  // Off by default: 24 by 24 CSS pixels, or as much room around (WCAG 2.2, 2.5.8).
  rules: { "target-size": { enabled: true } },
};

/**
 * Fails where axe finds anything against WCAG 2.2 A and AA or its best practices in what is shown now, frames of the site's own
 * included, once colours have stopped changing. axe is put into a document once and asks no second tab to sum up, which is a fifth of the work that @axe-core/playwright
 * makes of it; half of the journeys' time was that.
 */
export async function expectAccessible(page: Page): Promise<void> {
  for (const frame of page.frames()) {
    if (!(await frame.evaluate("'axe' in globalThis"))) await frame.evaluate(axeSource);
  }
  await expect.poll(() => page.evaluate(isAtRest), { timeout: 20_000 }).toBe(true);
  const { violations } = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults;
  const found = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map((node) => `  ${node.html}\n  ${node.failureSummary}`).join("\n")}`,
  );
  expect(found, `accessibility of ${page.url()}`).toEqual([]);
}
