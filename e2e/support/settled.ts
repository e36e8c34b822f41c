import type { Page } from "playwright-core";
import { expect } from "vitest";

/**
 * Waits until a page that goes from one address to another without loading has asked for all it asks for: the browser's own "networkidle"
 * is of a document and stays so. Called once for a tab, before anything is asked; what it gives is awaited as often as wanted.
 */
export function watchRequests(page: Page): () => Promise<void> {
  const pending = new Set<unknown>();
  let changed = Date.now();
  const touch = (work: () => void) => {
    work();
    changed = Date.now();
  };
  page.on("request", (one) => touch(() => pending.add(one)));
  page.on("requestfinished", (one) => touch(() => pending.delete(one)));
  page.on("requestfailed", (one) => touch(() => pending.delete(one)));
  return () =>
    expect
      .poll(() => pending.size === 0 && Date.now() - changed > 100, { interval: 20, timeout: 20_000 })
      .toBe(true);
}
