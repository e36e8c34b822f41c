/** A shop and the account site at one address: after a log-in a visitor is back at the shop's page they came from. */
import { request as ask, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openBrowser, type TestBrowser } from "../support/browser.ts";
import { logIn } from "../support/journey.ts";
import { newPerson, type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let browser: TestBrowser;
let proxyUrl = "";

/** The shop has /cart and /shop; everything else is the account site's. */
const proxy = createServer((incoming, outgoing) => {
  if (/^\/(cart|shop)(\?|$)/.test(incoming.url!)) {
    outgoing.setHeader("content-type", "text/html; charset=utf-8");
    outgoing.end(`<!doctype html><link rel="icon" href="data:,"><h1>Shop</h1><p>${incoming.url}</p>`);
    return;
  }
  const { method, headers, url } = incoming;
  const passed = ask({ host: "127.0.0.1", port: stack.sitePort, path: url, method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(passed);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  stack = await startStack({ PUBLIC_SITE_URL: proxyUrl, SITE_HOME_URL: "/shop" });
  browser = await openBrowser(stack, [proxyUrl]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});

const shopShows = (page: Page, path: string) => page.locator("p", { hasText: path }).waitFor();

it("a log-in ends where it was asked to: at the shop's cart, at our own page, or at the operator's home", async () => {
  const person = newPerson();
  await stack.signUp(person);
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  for (const [query, ending] of [
    ["?next=/cart%3Fid%3D7", "/cart?id=7"],
    ["?next=//evil.example/", "/shop"],
    ["", "/shop"],
  ] as const) {
    await page.goto(`${proxyUrl}/login${query}`);
    await logIn(page, person);
    await shopShows(page, ending);
    expect(page.url()).toBe(proxyUrl + ending);
  }
  await page.goto(`${proxyUrl}/login?next=/account/contact`);
  await logIn(page, person);
  await page.waitForURL(`${proxyUrl}/account/contact`);
  await page.locator("a.brand").click();
  await shopShows(page, "/shop");
  await visitor.leave();
});

it("a third-party log-in comes back to the shop, too", async () => {
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto(`${proxyUrl}/login?next=/cart`);
  await page.getByRole("button", { name: "用GitHub登录" }).click();
  await page.getByTestId("person-xiaomei").click();
  await page.getByTestId("allow").click();
  await page.locator(".ways input").nth(1).check();
  await page.getByLabel("用户名").fill(newPerson().username);
  await page.getByRole("button", { name: "新建并登录" }).click();
  await shopShows(page, "/cart");
  expect(page.url()).toBe(`${proxyUrl}/cart`);
  await visitor.leave();
});
