/** A site under another name: nowhere on it is ours, in any language or state, and nothing of ours flashes before it is there. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { pageStates } from "../../sandbox/page-states.ts";
import { brandColor, foreignBrand } from "../support/foreign-brand.ts";
import { prepareJourney } from "../support/journey.ts";

const journey = prepareJourney(foreignBrand());
/** To be looked at, as what screenshots.test.ts keeps. */
const folder = join(import.meta.dirname, "../screenshots/brand");
mkdirSync(folder, { recursive: true });

const ours = /美多|Meiduo/;
const languages = [
  { tag: "zh-Hans", name: "简体中文", shown: "云起" },
  { tag: "en", name: "English", shown: "Yunqi" },
  { tag: "zh-Hant", name: "繁體中文", shown: "雲起" },
  { tag: "ja", name: "日本語", shown: "雲起" },
] as const;

/** Texts, attributes, titles and blocks of data of the page that is shown. */
const whole = (page: Page) => page.evaluate("document.documentElement.outerHTML") as Promise<string>;

async function expectForeign(
  page: Page,
  { tag, shown }: (typeof languages)[number],
  state: string,
): Promise<void> {
  const what = `${state} in ${tag}`;
  expect(await whole(page), what).not.toMatch(ours);
  expect(await page.title(), what).toContain(shown);
  // A text that a language lacks would be shown by its key, and a value that nobody gives by its place.
  expect(await page.locator("body").innerText(), what).not.toMatch(
    /\b(?:site|logIn|signUp|home|account|callback|check|field|failure|terms)\.[a-zA-Z]|[{}]/,
  );
  const tooWide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
  expect(tooWide, `${what} is too wide`).toBeLessThanOrEqual(0);
}

it(
  "no state of a page has another name than the operator's, in any language",
  async () => {
    const visitor = await journey.browser.visitor({ phone: true });
    const page = await visitor.tab();
    for (const [place, { name }] of pageStates.entries()) {
      // Each begins in another language, in which it is asked of the API and kept as a picture.
      const turn = place % languages.length;
      const [first, ...others] = [...languages.slice(turn), ...languages.slice(0, turn)] as const;
      await page.goto(`/sandbox/brand/page/${name}?language=${first!.tag}`);
      await page.waitForSelector(`html[data-reached="${name}"][lang="${first!.tag}"]`);
      await expectForeign(page, first!, name);
      const path = join(folder, `${name}.${first!.tag}.jpg`);
      await page.screenshot({ path, type: "jpeg", quality: 60, scale: "css" });
      for (const other of others) {
        await page.locator(".language select").selectOption(other.name);
        await page.waitForSelector(`html[lang="${other.tag}"]`);
        await expectForeign(page, other, name);
      }
    }
    // The answers that states are made of, among them refused ones.
    await visitor.leave([/status of [45]\d\d/]);
    // Only for what hangs: each state is loaded once and shown in four languages.
  },
  pageStates.length * 15_000,
);

it("neither have the pages around it: manifest, mailbox, preview, API documentation, sandbox", async () => {
  const { stack, browser } = journey;
  const visitor = await browser.visitor({ language: "ja-JP" });
  const page = await visitor.tab();
  const addresses = [
    ...["/manifest.webmanifest", "/config.json", "/robots.txt"].map((path) => stack.siteUrl + path),
    ...["/sandbox/mailbox/", "/docs/json", "/sandbox/brand/?language=ja"].map((path) => stack.apiUrl + path),
    stack.sandboxUrl,
  ];
  for (const address of addresses) {
    // Every mail and every state of a page stands on one of them.
    await page.goto(address, { waitUntil: "domcontentloaded", timeout: 60_000 });
    expect(await whole(page), address).not.toMatch(ours);
  }
  // The sandbox has no icon.
  await visitor.leave([/status of 404/]);
});

/** Of a picture: the share of pixels that are light, and of those that are plainly green, as our own pages are. */
async function coloursOf(blank: Page, picture: string): Promise<{ light: number; green: number }> {
  return blank.evaluate(`(async () => {
    const image = new Image();
    image.src = "data:image/png;base64,${picture}";
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    let light = 0, green = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [red, verdant, blue] = data.subarray(at, at + 3);
      if (Math.min(red, verdant, blue) > 200) light++;
      if (verdant > red + 24 && verdant > blue + 12) green++;
    }
    return { light: light / (data.length / 4), green: green / (data.length / 4) };
  })()`);
}

/** Every frame that the browser paints from one page to the next, from the first one on. */
async function framesOf(page: Page, path: string): Promise<string[]> {
  const frames: string[] = [];
  const watch = await page.context().newCDPSession(page);
  watch.on("Page.screencastFrame", ({ data, sessionId }) => {
    frames.push(data);
    void watch.send("Page.screencastFrameAck", { sessionId });
  });
  await watch.send("Page.startScreencast", { format: "png", maxWidth: 640, maxHeight: 400 });
  await page.goto(path);
  await page.locator("h1[tabindex]").waitFor();
  await expect.poll(() => frames.length).toBeGreaterThan(0);
  await watch.send("Page.stopScreencast");
  await watch.detach();
  // The one that stays.
  return [...frames, (await page.screenshot()).toString("base64")];
}

it.each(["dark", "light"] as const)(
  "the first paint has the operator's name, colour and theme: %s",
  async (theme) => {
    const visitor = await journey.browser.visitor({ theme, language: "en-US" });
    const page = await visitor.tab();
    // What is painted while no script of the site has come: what a slow line shows for seconds.
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route("**/assets/*.js", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto("/forgot-password", { waitUntil: "commit" });
    const paints = () => page.evaluate("performance.getEntriesByType('paint').length");
    await expect.poll(paints, { timeout: 60_000 }).toBeGreaterThan(0);
    const accent = await page.evaluate(
      "getComputedStyle(document.documentElement).getPropertyValue('--leaf').trim()",
    );
    expect(accent).toBe(brandColor[theme]);
    expect(await page.title()).toContain("云起");
    expect(await whole(page)).not.toMatch(ours);
    const blank = await visitor.tab();
    const first = (await page.screenshot()).toString("base64");
    const before = await coloursOf(blank, first);
    expect(before.green).toBe(0);
    expect(before.light).toBe(theme === "dark" ? 0 : 1);
    letGo();
    await page.locator("h1[tabindex]").waitFor();
    for (const frame of await framesOf(page, "/register")) {
      const { light, green } = await coloursOf(blank, frame);
      expect(green).toBeLessThan(0.001);
      if (theme === "dark") expect(light).toBeLessThan(0.05);
    }
    await visitor.leave();
  },
);

it("would see a flash: our own pages are green, and a light page is light", async () => {
  const visitor = await journey.browser.visitor({ language: "en-US" });
  const page = await visitor.tab();
  await page.route("**/brand/colors-*.css", (route) => route.abort());
  const blank = await visitor.tab();
  const frames = await framesOf(page, "/register");
  const { light, green } = await coloursOf(blank, frames.at(-1)!);
  expect(green).toBeGreaterThan(0.01);
  expect(light).toBeGreaterThan(0.3);
  await visitor.leave([/ERR_FAILED/]);
});

it("is kept as one picture: four languages, by day and by night", async () => {
  const visitor = await journey.browser.visitor({ phone: true });
  const page = await visitor.tab();
  const shots: string[] = [];
  for (const [place, { tag }] of languages.entries()) {
    await page.goto(`/sandbox/brand/page/log-in?language=${tag}&theme=${place % 2 === 0 ? "light" : "dark"}`);
    await page.waitForSelector("html[data-reached]");
    shots.push((await page.screenshot()).toString("base64"));
  }
  const sheet = await visitor.tab();
  await sheet.setViewportSize({ width: 1280, height: 700 });
  const images = shots.map((shot) => `<img src="data:image/png;base64,${shot}" width="290">`);
  await sheet.setContent(
    `<body style="display:flex;justify-content:space-between;margin:24px;background:#e9e7f4">${images.join("")}`,
  );
  await expect.poll(() => sheet.evaluate("[...document.images].every((one) => one.complete)")).toBe(true);
  const picture = await sheet.screenshot({
    path: join(folder, "../brand.jpg"),
    ...{ type: "jpeg", quality: 80, scale: "css" },
  });
  expect(picture.length).toBeGreaterThan(20_000);
  await visitor.leave();
});
