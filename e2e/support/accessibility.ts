import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Fails where axe finds anything against WCAG 2.2 A and AA or its best practices in what is shown now. */
export async function expectAccessible(page: Page): Promise<void> {
  // Off by default: 24 by 24 CSS pixels, or as much room around (WCAG 2.2, 2.5.8).
  const rules = { "target-size": { enabled: true } };
  const { violations } = await new AxeBuilder({ page }).options({ rules }).analyze();
  const found = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map((node) => `  ${node.html}\n  ${node.failureSummary}`).join("\n")}`,
  );
  expect(found, `accessibility of ${page.url()}`).toEqual([]);
}
