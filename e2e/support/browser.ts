/**
 * Chromium for a journey. Every page is watched: an error in the console, a breach of the Content-Security-Policy or
 * a request to an origin that is neither the site, the API nor the sandbox fails the journey at its end.
 */
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { findChromium } from "../../scripts/find-chromium.mjs";
import type { Stack } from "./stack.ts";

/** Path of a Chromium: CHROMIUM_PATH, else where systems put it. */
export function chromiumPath(): string {
  const found = findChromium();
  if (!found) throw new Error("No Chromium: apt-get install chromium, or set CHROMIUM_PATH");
  return found;
}

export const chromiumArguments = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const phoneUserAgent =
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36";

export interface Look {
  readonly language?: "zh-CN" | "en-US" | "zh-TW" | "ja-JP";
  readonly theme?: "light" | "dark";
  readonly phone?: boolean;
}

export interface Visitor {
  readonly context: BrowserContext;
  /** A tab, watched. */
  tab(): Promise<Page>;
  /** Fails where a tab saw trouble; `expected` are patterns of console errors a journey provokes. */
  leave(expected?: readonly RegExp[]): Promise<void>;
}

export interface TestBrowser {
  visitor(look?: Look): Promise<Visitor>;
  close(): Promise<void>;
}

export async function openBrowser(
  stack: Pick<Stack, "siteUrl" | "apiUrl" | "sandboxUrl">,
  ownOrigins: readonly string[] = [],
  furtherArguments: readonly string[] = [],
): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: [...chromiumArguments, ...furtherArguments],
  });
  const allowed = new Set(
    [stack.siteUrl, stack.apiUrl, stack.sandboxUrl, ...ownOrigins].map((url) => new URL(url).origin),
  );

  async function visitor({
    language = "zh-CN",
    theme = "light",
    phone = false,
  }: Look = {}): Promise<Visitor> {
    const context = await browser.newContext({
      baseURL: stack.siteUrl,
      locale: language,
      colorScheme: theme,
      viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
      deviceScaleFactor: phone ? 2 : 1,
      hasTouch: phone,
      ...(phone && { userAgent: phoneUserAgent }),
      reducedMotion: "reduce",
    });
    // Only for what never comes: on a machine shared with other suites a page takes ten seconds now and then.
    context.setDefaultTimeout(40_000);
    const troubles: string[] = [];
    const watch = (page: Page) => {
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") troubles.push(message.text());
      });
      page.on("pageerror", (error) => troubles.push(String(error)));
      page.on("request", (request) => {
        const { origin, protocol } = new URL(request.url());
        if (protocol.startsWith("http") && !allowed.has(origin))
          troubles.push(`foreign request: ${request.url()}`);
      });
    };
    context.on("page", watch);
    return {
      context,
      tab: () => context.newPage(),
      async leave(expected = []) {
        await context.close();
        expect(troubles.filter((trouble) => !expected.some((pattern) => pattern.test(trouble)))).toEqual([]);
      },
    };
  }

  return { visitor, close: () => browser.close() };
}

/** Chromium reports every refused request in the console; journeys that provoke one expect this. */
export const refusedRequest = /Failed to load resource: the server responded with a status of 4\d\d/;
