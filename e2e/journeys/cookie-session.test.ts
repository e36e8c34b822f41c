/** The site with its session in a cookie: on two hosts of one domain, on one origin, on localhost; and foreign pages. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser, refusedRequest, type TestBrowser, type Visitor } from "../support/browser.ts";
import { type HttpsFront, openHttpsFront } from "../support/https-front.ts";
import { logIn } from "../support/journey.ts";
import { newPerson, type Person, type Stack, startStack } from "../support/stack.ts";

const [www, api, sister, evil] = ["www.shop.test", "api.shop.test", "blog.shop.test", "evil.test"] as const;
const foreignPage = { html: `<!doctype html><link rel="icon" href="data:,"><title>x</title>` };
/** Of one origin: what is the API's. The site has the rest. */
const apiPaths =
  /^\/(?!user_)(users?|usernames|emails|verifications|authorizations|oauth\/(?!callback)|sandbox)\b/;
/** A visitor without a session asks for one, and Chromium tells its console. */
const nobodyYet = refusedRequest;

const greets = (page: Page, { username }: Person) =>
  page.getByRole("heading", { name: `你好，${username}` }).waitFor();
const kept = "JSON.stringify([Object.keys(localStorage), Object.keys(sessionStorage), document.cookie])";

async function sessionCookie(visitor: Visitor) {
  const all = await visitor.context.cookies();
  return all.find(({ name }) => name.endsWith("meiduo_session"));
}

/** Log-in, reload, other tabs, log-out: with nothing of it in reach of script. */
async function wholeVisit(visitor: Visitor, origin: string, person: Person, lasts: boolean): Promise<void> {
  const page = await visitor.tab();
  await page.goto(`${origin}/login`);
  const other = await visitor.tab();
  await other.goto(`${origin}/`);
  await other.getByRole("link", { name: "登录", exact: true }).waitFor();
  if (lasts) await page.getByLabel("记住我").check();
  await logIn(page, person);
  await greets(page, person);
  await greets(other, person);
  expect(String(await page.evaluate(kept))).not.toMatch(/token|renewal|meiduo_session/);
  const cookie = await sessionCookie(visitor);
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/" });
  expect(cookie!.expires > 0).toBe(lasts);
  await page.reload();
  await greets(page, person);
  await page.goto(`${origin}/account/devices`);
  await page.getByText("当前设备").waitFor();
  await other.getByRole("button", { name: "退出登录" }).click();
  for (const tab of [other, page]) await tab.getByText("你已退出登录。").waitFor();
  expect(await sessionCookie(visitor)).toBeUndefined();
  await page.goto(`${origin}/account`);
  await page.waitForURL("**/login?**");
}

describe("on two hosts of one domain, over https", () => {
  let stack: Stack;
  let front: HttpsFront;
  let browser: TestBrowser;
  let siteUrl: string;
  let apiUrl: string;
  beforeAll(async () => {
    front = await openHttpsFront([www, api, sister, evil], (host) =>
      host === www ? stack.sitePort : host === api ? stack.apiPort : foreignPage,
    );
    [siteUrl, apiUrl] = [`https://${www}:${front.port}`, `https://${api}:${front.port}`];
    const addresses = { PUBLIC_SITE_URL: siteUrl, PUBLIC_API_URL: apiUrl, CORS_ORIGIN_WHITELIST: siteUrl };
    stack = await startStack({ ...addresses, SITE_SESSION: "cookie", SEND_CODE_INTERVAL: "1" });
    const foreign = [sister, evil].map((host) => `https://${host}:${front.port}`);
    browser = await openBrowser({ ...stack, siteUrl, apiUrl }, foreign, front.chromiumArguments);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    await front?.close();
  });

  it.each([true, false])(
    "a visitor logs in, is known in every tab, and logs out (remembered: %s)",
    async (lasts) => {
      const person = newPerson();
      await stack.signUp(person);
      const visitor = await browser.visitor();
      await wholeVisit(visitor, siteUrl, person, lasts);
      await visitor.leave([nobodyYet]);
    },
  );

  it("a third-party log-in ends in a cookie, a new password in another one", async () => {
    const visitor = await browser.visitor();
    const page = await visitor.tab();
    await page.goto("/login");
    await page.getByRole("button", { name: "用GitHub登录" }).click();
    await page.getByTestId("person-penguin").click();
    await page.getByTestId("allow").click();
    await page.locator(".ways input").nth(1).check();
    const person = newPerson();
    await page.getByLabel("用户名").fill(person.username);
    await page.getByRole("button", { name: "新建并登录" }).click();
    await greets(page, person);
    const first = await sessionCookie(visitor);
    expect(first).toMatchObject({ name: "__Host-meiduo_session", secure: true, domain: api });
    await page.goto("/account/password");
    const choose = async () => {
      await page.getByLabel("新密码", { exact: true }).fill("four quiet lanterns");
      await page.getByLabel("再输一次").fill("four quiet lanterns");
      await page.getByRole("button", { name: "修改密码", exact: true }).click();
    };
    await choose();
    // A first password takes a proof by what there is, and is typed anew when one is back.
    const dialog = page.getByRole("dialog", { name: "请确认是你本人" });
    await dialog.getByRole("button", { name: "用GitHub确认" }).click();
    await page.getByTestId("person-penguin").click();
    await page.getByTestId("allow").click();
    await page.getByText("还没有完成：“修改密码”").waitFor();
    await choose();
    await expect
      .poll(async () => (await sessionCookie(visitor))?.value, { timeout: 60_000 })
      .not.toBe(first!.value);
    await page.goto("/");
    await greets(page, person);
    await visitor.leave([nobodyYet]);
  });

  /** Everything that a page can have a browser do at the API, with an account of the page's own. */
  async function attack(page: Page, attacker: Person): Promise<void> {
    const credentials = { username: attacker.username, password: attacker.password };
    const calls = [
      ["POST", "/users/authorizations/"],
      ["POST", "/user/tokens/end/"],
      ["DELETE", "/user/sessions/current/"],
      ["DELETE", "/user/sessions/"],
      ["GET", "/user/"],
      ["GET", "/oauth/github/user/?code=x&state=y"],
    ] as const;
    for (const [method, path] of calls) {
      for (const mode of ["cors", "no-cors"]) {
        for (const header of [
          {},
          { "x-meiduo-session": "cookie" },
          { "x-requested-with": "XMLHttpRequest" },
        ]) {
          const body = method === "POST" ? new URLSearchParams(credentials).toString() : undefined;
          const type = { "content-type": "application/x-www-form-urlencoded" };
          const init = { method, mode, credentials: "include", headers: { ...type, ...header }, body };
          await page.evaluate(
            `fetch(${JSON.stringify(apiUrl + path)}, ${JSON.stringify(init)}).then(() => {}, () => {})`,
          );
        }
      }
    }
    await page.evaluate(`new Promise((resolve) => {
      const picture = new Image();
      picture.onload = picture.onerror = () => resolve();
      picture.src = ${JSON.stringify(`${apiUrl}/oauth/github/user/?code=x&state=y`)};
    })`);
    for (const path of ["/users/authorizations/", "/user/tokens/end/"]) {
      const home = page.url();
      const fields = Object.entries({ ...credentials, "x-meiduo-session": "cookie", cookie: "true" });
      const inputs = fields.map(([name, value]) => `<input name="${name}" value="${value}">`).join("");
      const form = `<form method="post" action="${apiUrl}${path}">${inputs}</form>`;
      await page.evaluate(`document.body.innerHTML = ${JSON.stringify(form)}; document.forms[0].submit()`);
      await page.waitForURL(apiUrl + path);
      await page.goto(home);
    }
    for (const path of ["/oauth/github/user/?code=x&state=y", "/user/sessions/"]) {
      const home = page.url();
      await page.evaluate(`location.assign(${JSON.stringify(apiUrl + path)})`);
      await page.waitForURL(apiUrl + path);
      await page.goto(home);
    }
  }

  it.each([
    ["another domain", evil],
    ["a sister host that is not listed", sister],
  ])("a page of %s can't log anybody in, out or go on with their session", async (_title, host) => {
    const [victim, attacker] = [newPerson(), newPerson()];
    await stack.signUp(victim);
    await stack.signUp(attacker);
    const visitor = await browser.visitor();
    const foreign = await visitor.tab();
    await foreign.goto(`https://${host}:${front.port}/`);
    await attack(foreign, attacker);
    expect(await sessionCookie(visitor)).toBeUndefined();

    const page = await visitor.tab();
    await page.goto("/login");
    await logIn(page, victim);
    await greets(page, victim);
    const before = await sessionCookie(visitor);
    front.passed.length = 0;
    await attack(foreign, attacker);
    // The visitor's own tab goes on asking beside it, with their cookie; its calls say where they come from.
    const came = front.passed.filter(({ call, origin }) => !call.startsWith("OPTIONS") && origin !== siteUrl);
    // They did reach the API, from a sister host even with the cookie: nothing that they sent was let in by it.
    expect(came.length).toBeGreaterThan(20);
    const withCookie = came.filter(({ cookie }) => cookie.includes("__Host-meiduo_session="));
    if (host === sister) expect(withCookie).not.toEqual([]);
    else expect(withCookie).toEqual([]);
    for (const { call, status, setCookies } of came) {
      expect(
        setCookies.filter((set) => set.includes("meiduo_session")),
        call,
      ).toEqual([]);
      if (!call.includes("authorizations") && !call.includes("oauth")) expect(status, call).toBe(401);
    }
    expect(await sessionCookie(visitor)).toEqual(before);
    await page.reload();
    await greets(page, victim);
    await visitor.leave([nobodyYet, /CORS policy/, /net::ERR_FAILED/, /ERR_BLOCKED_BY/]);
  });
});

describe("on one origin, over https", () => {
  let stack: Stack;
  let front: HttpsFront;
  let browser: TestBrowser;
  let siteUrl: string;
  beforeAll(async () => {
    front = await openHttpsFront([www], (_host, path) =>
      apiPaths.test(path) ? stack.apiPort : stack.sitePort,
    );
    siteUrl = `https://${www}:${front.port}`;
    const addresses = { PUBLIC_SITE_URL: siteUrl, PUBLIC_API_URL: siteUrl, CORS_ORIGIN_WHITELIST: siteUrl };
    stack = await startStack({ ...addresses, SITE_SESSION: "cookie" });
    browser = await openBrowser({ ...stack, siteUrl, apiUrl: siteUrl }, [], front.chromiumArguments);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    await front?.close();
  });

  it("a visitor logs in, is known in every tab, and logs out", async () => {
    const person = newPerson();
    await stack.signUp(person);
    const visitor = await browser.visitor();
    await wholeVisit(visitor, siteUrl, person, true);
    await visitor.leave([nobodyYet]);
  });
});

describe("on localhost, over plain http", () => {
  let stack: Stack;
  let browser: TestBrowser;
  beforeAll(async () => {
    stack = await startStack({ SITE_SESSION: "cookie" });
    const names = ["localhost", "127.0.0.1"].flatMap((host) =>
      [stack.sitePort, stack.apiPort].map((port) => `http://${host}:${port}`),
    );
    browser = await openBrowser(stack, names);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  it.each(["localhost", "127.0.0.1"])(
    "a visitor at %s logs in, is known in every tab, and logs out",
    async (host) => {
      const person = newPerson();
      await stack.signUp(person);
      const visitor = await browser.visitor();
      await wholeVisit(visitor, `http://${host}:${stack.sitePort}`, person, false);
      await visitor.leave([nobodyYet]);
    },
  );
});
