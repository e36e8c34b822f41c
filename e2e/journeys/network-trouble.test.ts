import { createServer } from "node:http";
import { expect, it } from "vitest";
import { freePort } from "../../server/test/support/free-port.ts";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { logIn, prepareJourney } from "../support/journey.ts";
import { newPerson, startStack } from "../support/stack.ts";

const journey = prepareJourney();
const networkError = /Failed to load resource: net::ERR_/;

it("says that the browser is offline, and works again when it is not", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  await stack.signUp(person);
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login");
  await page.getByLabel("语言").selectOption("English");
  await page.getByLabel("Language").selectOption("简体中文");
  await visitor.context.setOffline(true);
  await logIn(page, person);
  await page.getByRole("alert").getByText("网络已断开").waitFor();
  await expectAccessible(page);
  await page.getByLabel("语言").selectOption("English");
  await page.getByRole("alert").getByText("You’re offline").waitFor();
  // Its texts are not there and can't be loaded: the language that is there stays.
  await page.getByLabel("Language").selectOption("日本語");
  await page.getByRole("alert").getByText("The server can’t be reached").waitFor();
  await page.getByLabel("Language").selectOption("简体中文");
  await visitor.context.setOffline(false);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  await visitor.leave([networkError, /TypeError: Failed to fetch/]);
});

it("shows its own words where a page can't be loaded, and loads it once the network is back", async () => {
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login");
  await visitor.context.setOffline(true);
  await page.getByRole("link", { name: "忘记密码？" }).click();
  await page.getByText("网络已断开").waitFor();
  await expectAccessible(page);
  await page.getByRole("button", { name: "重新载入" }).click();
  await page.getByText("网络已断开").waitFor();
  await visitor.context.setOffline(false);
  await page.getByRole("button", { name: "重新载入" }).click();
  await page.getByRole("heading", { name: "找回密码" }).waitFor();
  await visitor.leave([networkError]);
});

it("loads a page anew where its file is gone, once, and then says so", async () => {
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login");
  const loaded: string[] = [];
  page.on("request", (request) => {
    if (request.resourceType() === "document") loaded.push(new URL(request.url()).pathname);
  });
  await page.route(/\/assets\/ForgotPasswordPage/, (route) => route.fulfill({ status: 404, body: "" }));
  await page.getByRole("link", { name: "忘记密码？" }).click();
  await page.getByRole("heading", { name: "页面没能打开" }).waitFor();
  expect(loaded).toEqual(["/forgot-password"]);
  await page.getByRole("button", { name: "重新载入" }).click();
  await page.getByRole("link", { name: "登录", exact: true }).click();
  await page.unrouteAll();
  await page.getByRole("link", { name: "忘记密码？" }).click();
  await page.getByRole("heading", { name: "找回密码" }).waitFor();
  expect(loaded).toEqual(["/forgot-password", "/"]);
  await visitor.leave([refusedRequest]);
});

it("shows a spinner where the answer takes long, sends once, and says when it is slow", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  await stack.signUp(person);
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login");
  const network = await visitor.context.newCDPSession(page);
  await network.send("Network.enable");
  await network.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 5_000,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  const posts: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") posts.push(request.url());
  });
  await logIn(page, person);
  await page.locator("button[type=submit] .spinner").waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("网络有点慢，请稍候…").waitFor();
  await expectAccessible(page);
  await network.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor({ timeout: 20_000 });
  expect(posts).toHaveLength(1);
  await visitor.leave();
});

it("says that the server can't be reached, and that it is busy, and for how long", async () => {
  // An API of its own that fails as a proxy or an overloaded server does; the site is the real one.
  const port = await freePort();
  let answer = { status: 503, headers: { "retry-after": "7" } as Record<string, string>, body: "" };
  const failing = createServer((request, response) => {
    response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
    response.setHeader("access-control-allow-credentials", "true");
    response.setHeader("access-control-allow-headers", "content-type, authorization, accept-language");
    response.setHeader("access-control-expose-headers", "retry-after");
    if (request.method === "OPTIONS") response.writeHead(200).end();
    else
      response
        .writeHead(answer.status, { "content-type": "application/problem+json", ...answer.headers })
        .end(answer.body);
  });
  await new Promise<void>((resolve) => failing.listen(port, "127.0.0.1", resolve));
  const stack = await startStack({ PUBLIC_API_URL: `http://127.0.0.1:${port}` });
  const { openBrowser } = await import("../support/browser.ts");
  const browser = await openBrowser(stack, [`http://127.0.0.1:${port}`]);
  try {
    const visitor = await browser.visitor();
    const page = await visitor.tab();
    await page.goto("/login");
    const say = async (code: string, words: string | RegExp, detail?: string) => {
      answer.body = JSON.stringify({
        code,
        title: "title",
        status: answer.status,
        fields: [],
        requestId: "req-42",
      });
      await logIn(page, newPerson());
      await page.getByRole("alert").getByText(words).waitFor();
      if (detail) await page.getByText(detail).waitFor();
      await expectAccessible(page);
    };
    await say("busy", "服务器正忙，请等 7 秒再试。");
    answer = { status: 429, headers: { "retry-after": "30" }, body: "" };
    await say("throttled", "操作太频繁了，请等 30 秒再试。");
    answer = { status: 500, headers: {}, body: "" };
    await say("internal", "服务器出了点问题", "请求编号：req-42");
    failing.closeAllConnections();
    await new Promise((resolve) => failing.close(resolve));
    await logIn(page, newPerson());
    await page.getByRole("alert").getByText("连不上服务器，请稍后再试。").waitFor();
    await visitor.leave([/Failed to load resource/, /ERR_CONNECTION_REFUSED/]);
  } finally {
    failing.close();
    await browser.close();
    await stack.stop();
  }
});

it("keeps the API's answers from a page of a foreign origin", async () => {
  const { stack, browser } = journey;
  // In development every loopback name is let in, so this page is of a name that leads elsewhere.
  const foreignUrl = "http://foreign.example/";
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.route(`${foreignUrl}**`, (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>foreign</title>" }),
  );
  const read = (url: string) =>
    page.evaluate(`fetch(${JSON.stringify(url)}).then((r) => r.json(), (error) => String(error))`);
  await page.goto(foreignUrl);
  expect(await read(`${stack.apiUrl}/test/`)).toMatch(/TypeError: Failed to fetch/);
  await page.goto("/terms");
  expect(await read(`${stack.apiUrl}/test/`)).toEqual({ message: "接收OK" });
  await visitor.leave([/blocked by CORS policy/, networkError, /foreign request/, /favicon/]);
});
