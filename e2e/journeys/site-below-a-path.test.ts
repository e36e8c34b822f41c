/** The account site at /account of a shop's address, the API at /account-api of it: nothing of them leaves its path. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { openBrowser, refusedRequest, type TestBrowser, type Visitor } from "../support/browser.ts";
import { logIn } from "../support/journey.ts";
import { type OneOriginProxy, startOneOriginProxy } from "../support/one-origin-proxy.ts";
import { newPerson, type Person, type Stack, startStack } from "../support/stack.ts";

let proxy: OneOriginProxy;
let stack: Stack;
let browser: TestBrowser;
let site = "";

beforeAll(async () => {
  proxy = await startOneOriginProxy("/account", "/account-api");
  site = `${proxy.url}/account`;
  const addresses = { PUBLIC_SITE_URL: site, PUBLIC_API_URL: `${proxy.url}/account-api` };
  stack = await startStack({ ...addresses, PROXY_KEEPS_PATH: "true" });
  proxy.ports = { site: stack.sitePort, api: stack.apiPort };
  browser = await openBrowser(stack, [proxy.url]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  await proxy?.close();
});
beforeEach(() => {
  proxy.strays.length = 0;
  proxy.stripsSitePath = false;
});

/** Patient: the documentation alone is megabytes of scripts, and the machine may be busy. */
async function visit(): Promise<Visitor> {
  const visitor = await browser.visitor();
  visitor.context.setDefaultTimeout(60_000);
  return visitor;
}

const greeting = (page: Page, { username }: Person) =>
  page.getByRole("heading", { name: `你好，${username}` }).waitFor();

async function signUp(page: Page, person: Person): Promise<void> {
  await page.getByLabel("用户名").fill(person.username);
  await page.getByLabel("邮箱", { exact: true }).fill(person.email);
  await page.getByRole("button", { name: "获取验证码" }).click();
  await page.getByText(`验证码已发往 ${person.email}`).waitFor();
  await page.getByLabel("邮箱验证码").fill(await stack.code(person.email));
  await page.getByLabel("密码", { exact: true }).fill(person.password);
  await page.getByLabel("再输一次密码").fill(person.password);
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "注册", exact: true }).click();
}

it("says at the start where it is, below the path", () => {
  for (const address of [site, `${proxy.url}/account-api/docs`, `${proxy.url}/account-api/sandbox/mailbox/`])
    expect(stack.output()).toContain(`${address}\n`);
});

it.each([false, true])(
  "signs up, is asked to log in at a deep page and comes back to it (path taken off by the proxy: %s)",
  async (strips) => {
    proxy.stripsSitePath = strips;
    const person = newPerson();
    const visitor = await visit();
    const page = await visitor.tab();
    await page.goto(site);
    await page.getByRole("link", { name: "注册账号" }).click();
    await page.waitForURL(`${site}/register`);
    await signUp(page, person);
    await greeting(page, person);
    expect(page.url()).toBe(`${site}/`);

    await page.getByRole("button", { name: "退出登录" }).click();
    await page.getByText("你已退出登录。").waitFor();
    await page.goto(`${site}/account/password`);
    await page.waitForURL(`${site}/login?next=/account/account/password&reason=needed`);
    await logIn(page, person);
    await page.waitForURL(`${site}/account/password`);
    // A page of its own file, loaded anew where it is.
    await page.reload();
    await page.getByRole("button", { name: "修改密码" }).waitFor();
    expect(page.url()).toBe(`${site}/account/password`);
    expect(proxy.strays).toEqual([]);
    await visitor.leave();
  },
);

it("a log-in leads to the shop where `next` is the shop's, by password and by a third party", async () => {
  const person = newPerson();
  await stack.signUp(person);
  const visitor = await visit();
  const page = await visitor.tab();
  await page.goto(`${site}/login?next=/cart%3Fid%3D7`);
  await logIn(page, person);
  await page.locator("p", { hasText: "/cart?id=7" }).waitFor();
  expect(page.url()).toBe(`${proxy.url}/cart?id=7`);
  await visitor.leave();

  const other = await visit();
  const tab = await other.tab();
  await tab.goto(`${site}/login?next=/cart`);
  await tab.getByRole("button", { name: "用GitHub登录" }).click();
  await tab.getByTestId("person-xiaomei").click();
  await tab.getByTestId("allow").click();
  await tab.locator(".ways input").nth(1).check();
  expect(tab.url()).toBe(`${site}/oauth/callback/github`);
  await tab.getByLabel("用户名").fill(newPerson().username);
  await tab.getByRole("button", { name: "新建并登录" }).click();
  await tab.locator("p", { hasText: "/cart" }).waitFor();
  expect(tab.url()).toBe(`${proxy.url}/cart`);
  expect(proxy.strays).toEqual([]);
  await other.leave();
});

it("a mail's link opens its page, and an unknown address the site's own 404", async () => {
  const person = newPerson();
  await stack.signUp(person);
  const visitor = await visit();
  const page = await visitor.tab();
  await page.goto(`${site}/login`);
  await logIn(page, person);
  await greeting(page, person);
  const mail = await stack.mail(person.email);
  const link = /http\S+\/not-me#\S+/.exec(mail.text)?.[0];
  expect(link).toMatch(new RegExp(`^${site}/not-me#.`));
  await page.goto(link!);
  await page.getByRole("button", { name: "不是我，结束所有登录" }).click();
  await page.getByRole("link", { name: "设置新密码" }).click();
  await page.waitForURL(`${site}/forgot-password`);

  const lost = await page.goto(`${site}/nowhere/at-all`);
  expect(lost!.status()).toBe(404);
  await page.getByRole("link", { name: "回到首页" }).click();
  await page.waitForURL(`${site}/`);
  expect(proxy.strays).toEqual([]);
  await visitor.leave([refusedRequest]);
});

it("the pages of development work below the two paths", async () => {
  const visitor = await visit();
  const page = await visitor.tab();
  await page.goto(`${proxy.url}/account-api/docs`);
  // The first of all: it draws the others as the reader comes to them.
  await page.getByText("/healthz", { exact: true }).first().waitFor();
  await page.goto(`${proxy.url}/account-api/sandbox/mailbox/`);
  await page.locator("iframe, li, button").first().waitFor();
  await page.goto(`${site}/sandbox/brand/page/log-in?language=ja&theme=dark`);
  await page.getByRole("button", { name: "ログイン", exact: true }).waitFor();
  expect(proxy.strays).toEqual([]);
  await visitor.leave();
});
