/**
 * A logo with an attack in it (from a designer, or bought): shown by the site it is a picture, opened by itself it runs and
 * loads nothing. What is tried would be seen: as a title, a dialog, a request, a change of what the browser keeps.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromiumArguments, chromiumPath } from "../support/browser.ts";
import { type Stack, startStack } from "../support/stack.ts";

const folder = mkdtempSync(join(tmpdir(), "meiduo-logo-"));
/** Where a logo would report to. */
const reached: string[] = [];
const catcher = createServer((request, response) => {
  reached.push(request.url ?? "");
  response.end();
});
let attacker = "";
let stack: Stack;
let browser: Awaited<ReturnType<typeof chromium.launch>>;

/** Each leaves a mark if it works; `at` is where it would report to. */
const attacks = (at: string) => `
  <script>document.title = "ran"; localStorage.setItem("stolen", "script"); fetch("${at}/script")</script>
  <script href="${at}/src.js" xlink:href="${at}/xlink.js"/>
  <image href="${at}/image.png" width="9" height="9"/>
  <image href="x" onerror="localStorage.setItem('stolen', 'onerror')"/>
  <use href="${at}/use.svg#a"/>
  <style>@import "${at}/import.css"; rect { fill: url(${at}/fill.svg#a) }</style>
  <a href="javascript:localStorage.setItem('stolen', 'link')"><rect id="link" width="400" height="100" fill="#123456"/></a>
  <foreignObject width="400" height="100"><body xmlns="http://www.w3.org/1999/xhtml">
    <iframe src="${at}/frame"></iframe><img src="${at}/html.png"/><form action="${at}/form"><button id="send">x</button></form>
    <meta http-equiv="refresh" content="0;url=${at}/refresh"/>
  </body></foreignObject>
  <animate onbegin="localStorage.setItem('stolen', 'onbegin')" attributeName="x" dur="1s"/>
  <set attributeName="href" to="javascript:alert(1)"/>`;

beforeAll(async () => {
  await new Promise<void>((resolve) => catcher.listen(0, "127.0.0.1", resolve));
  attacker = `http://127.0.0.1:${(catcher.address() as AddressInfo).port}`;
  const root = `xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 400 100"`;
  const logo = `<svg ${root} onload="localStorage.setItem('stolen', 'onload')">${attacks(attacker)}</svg>`;
  const file = join(folder, "logo.svg");
  writeFileSync(file, logo);
  stack = await startStack({ BRAND_LOGO: file, BRAND_NAME: "云起书店" });
  browser = await chromium.launch({ executablePath: chromiumPath(), args: chromiumArguments });
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  await new Promise((resolve) => catcher.close(resolve));
  rmSync(folder, { recursive: true });
});

/** What an attack would have left on the site's origin. */
async function stolen(page: Page): Promise<string | null> {
  await page.goto(`${stack.siteUrl}/config.json`);
  return page.evaluate("localStorage.getItem('stolen')");
}

it("shown on a page it is a picture of its own size, and runs and loads nothing", async () => {
  const page = await browser.newPage();
  await page.goto(`${stack.siteUrl}/login`);
  const logo = page.locator("img.logo");
  await logo.waitFor();
  await expect.poll(() => page.evaluate("document.querySelector('img.logo').naturalWidth > 0")).toBe(true);
  expect(await page.title()).not.toBe("ran");
  expect(await stolen(page)).toBeNull();
  expect(reached).toEqual([]);
  await page.close();
});

it("opened by itself it runs and loads nothing, nor when it is clicked", async () => {
  const page = await browser.newPage();
  page.on("dialog", () => reached.push("dialog"));
  const config = (await (await fetch(`${stack.siteUrl}/config.json`)).json()) as {
    brand: { logo: { light: { address: string } } };
  };
  const address = stack.siteUrl + config.brand.logo.light.address;
  await page.goto(address, { waitUntil: "load" });
  await page.mouse.click(60, 60);
  await page.mouse.click(3, 3);
  expect(new URL(page.url()).href).toBe(address);
  expect(await page.evaluate("origin").catch(() => "null")).toBe("null");
  expect(await stolen(page)).toBeNull();
  expect(reached).toEqual([]);
  await page.close();
});

it("would be seen: the same picture without the policy does what it is made for", async () => {
  const page = await browser.newPage();
  const bare = createServer((_request, response) => {
    response.setHeader("content-type", "image/svg+xml");
    response.end(
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 400 100" onload="localStorage.setItem('stolen', 'onload')">${attacks(attacker)}</svg>`,
    );
  });
  await new Promise<void>((resolve) => bare.listen(0, "127.0.0.1", resolve));
  await page.goto(`http://127.0.0.1:${(bare.address() as AddressInfo).port}/logo.svg`);
  await expect.poll(() => reached).toEqual(expect.arrayContaining(["/script", "/image.png", "/import.css"]));
  await page.close();
  bare.close();
});
