import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { decideInSandbox } from "../../sandbox/decide.ts";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { askForCode, confirmByPassword, logIn, openLoggedIn, prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

// A code to bind with is asked for right after the one to sign up with.
const journey = prepareJourney({ SEND_CODE_INTERVAL: "1" });
const providers = [
  { provider: "qq", title: "QQ" },
  { provider: "weibo", title: "微博" },
  { provider: "github", title: "GitHub" },
  { provider: "wechat", title: "微信" },
  { provider: "apple", title: "Apple" },
  { provider: "oidc", title: "OpenID Connect" },
];
/** An issuer's picture may lie anywhere, so only the known providers' is fetched; Apple has none. */
const hasPicture = (provider: string) => provider !== "oidc" && provider !== "apple";

/** Answers the provider's page as one of its people. */
async function allow(page: Page, person: string, trouble = ""): Promise<void> {
  await page.getByTestId("sandbox-banner").waitFor();
  await page.getByTestId(`person-${person}`).click();
  if (trouble !== "") await page.getByTestId("trouble").selectOption(trouble);
  await page.getByTestId("allow").click();
}

/** Where the provider sends a browser that isn't ours: the person agrees outside of it. */
async function approve(provider: string, person: string, token?: string) {
  const begun = await fetch(`${journey.stack.apiUrl}/oauth/${provider}/authorization/?next=/`, {
    headers: token === undefined ? {} : { authorization: `JWT ${token}` },
  });
  const { login_url: loginUrl } = (await begun.json()) as { login_url: string };
  const { answer } = await decideInSandbox(loginUrl, { person, decision: "allow" });
  const link = answer.headers.get("location") ?? "";
  const { code, state } = Object.fromEntries(new URL(link).searchParams);
  return { link, code, state };
}

/** The picture is there and was drawn, from the site's own address. */
async function expectPicture(page: Page, selector: string): Promise<void> {
  const picture = page.locator(selector);
  await picture.waitFor();
  const width = () => page.evaluate(`document.querySelector("${selector}").naturalWidth`);
  await expect.poll(width).toBeGreaterThan(100);
  expect(await picture.getAttribute("src")).toMatch(/^\/avatar\?address=https%3A/);
}

describe.each(providers)("$title", ({ provider, title }) => {
  const open = async (page: Page, path = "/login") => {
    await page.goto(path);
    await page.getByRole("button", { name: `用${title}登录` }).click();
  };

  it("first log-in makes an account with a chosen name; the second one is a log-in", async () => {
    const { username } = newPerson();
    const visitor = await journey.browser.visitor();
    const page = await visitor.tab();
    await open(page, "/login?next=%2Faccount%2Fbindings");
    await allow(page, "penguin");
    await page.getByRole("heading", { name: "还差一步" }).waitFor();
    await page.getByText("飞翔的企鹅").waitFor();
    if (hasPicture(provider)) await expectPicture(page, ".person .person-picture");
    else await page.locator(".person .provider-mark").waitFor();
    expect(new URL(page.url()).search, "the code is out of the address").toBe("");
    await expectAccessible(page);
    await page.reload();
    await page.getByLabel("新建账号").check();
    await expectAccessible(page);
    await page.getByLabel("用户名").fill(username);
    await page.reload();
    expect(await page.getByLabel("用户名").inputValue()).toBe(username);
    await page.getByRole("button", { name: "新建并登录" }).click();
    await page.waitForURL("**/account/bindings");
    await page.getByText("已绑定：飞翔的企鹅").waitFor();
    if (hasPicture(provider)) await expectPicture(page, ".binding .person-picture");
    await expectAccessible(page);

    await page.getByRole("button", { name: `解除绑定 ${title}` }).click();
    await page.getByRole("button", { name: "解除绑定", exact: true }).click();
    await page.getByRole("alert").getByText("这是您唯一的登录方式").waitFor();

    await page.getByRole("button", { name: "退出登录" }).click();
    const kept = () => page.evaluate("[typeof sessionStorage.token, typeof localStorage.token]");
    for (const [remember, where] of [
      [false, ["string", "undefined"]],
      [true, ["undefined", "string"]],
    ] as const) {
      await page.goto("/login");
      await page.getByLabel("记住我").setChecked(remember);
      await page.getByRole("button", { name: `用${title}登录` }).click();
      await allow(page, "penguin");
      await page.getByRole("heading", { name: `你好，${username}` }).waitFor();
      expect(await kept()).toEqual(where);
    }
    await visitor.leave([refusedRequest]);
  });

  it("first log-in binds to an account by its address, code and password; the account takes it off again", async () => {
    const { stack, browser } = journey;
    const person = newPerson();
    await stack.signUp(person);
    const welcome = await stack.mail(person.email);
    const visitor = await browser.visitor();
    const page = await visitor.tab();
    await open(page);
    await allow(page, "emoji");
    await page.getByLabel("邮箱", { exact: true }).fill(person.email);
    await page.getByLabel("邮箱验证码").fill(await askForCode(stack, page, person.email, welcome.id));
    await page.getByLabel("密码", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "绑定并登录" }).click();
    await page.getByRole("alert").getByText("密码错误").waitFor();
    await expectAccessible(page);
    await page.getByLabel("密码", { exact: true }).fill(person.password);
    await page.getByRole("button", { name: "绑定并登录" }).click();
    await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();

    await page.goto("/account/bindings");
    await page.getByRole("button", { name: `解除绑定 ${title}` }).focus();
    await page.keyboard.press("Enter");
    const focused = () => page.evaluate("document.activeElement.textContent.trim()");
    await expect.poll(focused).toContain(`确定解除${title}绑定？`);
    await expectAccessible(page);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText(`${title}已解除绑定。`).waitFor();
    await expect.poll(focused).toBe("绑定");
    await visitor.leave([refusedRequest]);
  });

  it("is added to a logged-in account, and then logs in to it", async () => {
    const { person, visitor, page } = await openLoggedIn(journey);
    await page.goto("/account/bindings");
    await page.getByRole("button", { name: `绑定 ${title}` }).click();
    await confirmByPassword(page, person);
    await allow(page, "xiaomei");
    await page.getByText(`${title}已绑定到你的账号。`).waitFor();
    await page.getByText("已绑定：小美").waitFor();
    await page.getByRole("button", { name: "退出登录" }).click();
    await open(page);
    await allow(page, "xiaomei");
    await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
    // The issuer's picture is of a host that is not on the list.
    await visitor.leave(provider === "oidc" ? [refusedRequest] : []);
  });

  it("tells of a refused code and of a provider in trouble, and offers both ways on", async () => {
    const visitor = await journey.browser.visitor();
    const page = await visitor.tab();
    for (const [trouble, words] of [
      ["code-expired", "授权码无效或已过期"],
      ["token-html", "服务器异常"],
    ] as const) {
      await open(page);
      await allow(page, "penguin", trouble);
      await page.getByRole("heading", { name: `${title}登录没有完成` }).waitFor();
      await page.getByRole("alert").getByText(words).waitFor();
      await expectAccessible(page);
    }
    await page.getByRole("button", { name: "再试一次" }).click();
    await page.getByTestId("sandbox-banner").waitFor();
    await visitor.leave([refusedRequest, /status of 503/]);
  });
});

it.each(providers.filter(({ provider }) => provider !== "qq"))(
  "$title: sends back the reader who cancels, and the site says that they did",
  async ({ title }) => {
    const visitor = await journey.browser.visitor();
    const page = await visitor.tab();
    await page.goto("/login");
    await page.getByRole("button", { name: `用${title}登录` }).click();
    await page.getByTestId("cancel").click();
    await page.getByText(`你取消了${title}登录。`).waitFor();
    await page.getByRole("link", { name: "换一种方式登录" }).click();
    await logIn(page, newPerson());
    await page.getByRole("alert").waitFor();
    await visitor.leave([refusedRequest]);
  },
);

it("GitHub: an addition the reader cancelled is an addition again when tried again", async () => {
  const { person, visitor, page } = await openLoggedIn(journey);
  await page.goto("/account/bindings");
  await page.getByRole("button", { name: "绑定 GitHub" }).click();
  await confirmByPassword(page, person);
  await page.getByTestId("cancel").click();
  await page.getByText("你取消了GitHub登录。").waitFor();
  await page.getByRole("button", { name: "再试一次" }).click();
  await allow(page, "rtl");
  await page.getByText("GitHub已绑定到你的账号。").waitFor();
  await visitor.leave([refusedRequest]);
});

it("QQ on a computer keeps the reader who cancels on its own page; the site is still there, and the next try works", async () => {
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login");
  await page.getByRole("button", { name: "用QQ登录" }).click();
  await page.getByTestId("cancel").click();
  await page.getByTestId("provider-error").waitFor();
  expect(new URL(page.url()).origin).toBe(journey.stack.sandboxUrl);
  await page.getByTestId("back-to-site").click();
  await page.waitForURL(`${journey.stack.siteUrl}/`);
  expect(await page.evaluate("[typeof sessionStorage.token, typeof localStorage.token]")).toEqual([
    "undefined",
    "undefined",
  ]);
  await page.getByRole("link", { name: "登录", exact: true }).click();
  await page.getByRole("button", { name: "用QQ登录" }).click();
  await allow(page, "long");
  await page.getByRole("heading", { name: "还差一步" }).waitFor();
  await visitor.leave();
});

it("QQ in a phone's browser sends back the reader who cancels, and the site says that they did", async () => {
  const visitor = await journey.browser.visitor({ phone: true });
  const page = await visitor.tab();
  await page.goto("/login");
  await page.getByRole("button", { name: "用QQ登录" }).click();
  await page.getByTestId("cancel").click();
  await page.getByText("你取消了QQ登录。").waitFor();
  expect(new URL(page.url()).pathname).toBe("/oauth/callback/qq");
  await expectAccessible(page);
  await page.getByRole("link", { name: "换一种方式登录" }).click();
  await page.getByLabel("用户名、邮箱或手机号").waitFor();
  await visitor.leave([refusedRequest]);
});

it("Weibo: a callback that is delivered twice logs in once, in the tab that asked for it", async () => {
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login");
  await page.getByRole("button", { name: "用微博登录" }).click();
  await allow(page, "rtl", "twice");
  const link = (await page.getByTestId("deliver-second").getAttribute("href")) ?? "";
  expect(await page.getByTestId("deliver-first").getAttribute("href")).toBe(link);
  const opened = page.waitForEvent("popup");
  await page.getByTestId("deliver-first").click();
  const other = await opened;
  await other.getByRole("alert").getByText("请重新开始").waitFor();
  // The other tab has not spent the code.
  await page.getByTestId("deliver-second").click();
  await page.getByRole("heading", { name: "还差一步" }).waitFor();
  await page.goto(link);
  await page.getByRole("alert").getByText("请重新开始").waitFor();
  for (const tab of [page, other]) {
    expect(await tab.evaluate("[typeof sessionStorage.token, typeof localStorage.token]")).toEqual([
      "undefined",
      "undefined",
    ]);
  }
  await visitor.leave();
});

it("GitHub: a redirect address that is not registered is GitHub's trouble to the reader, not their cancelling", async () => {
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login");
  await page.getByRole("button", { name: "用GitHub登录" }).click();
  await allow(page, "penguin", "redirect-mismatch");
  await page.getByRole("heading", { name: "GitHub登录没有完成" }).waitFor();
  await page.getByRole("alert").getByText("GitHub服务器异常").waitFor();
  await visitor.leave([/status of 503/]);
});

it("GitHub: an account with two of its people shows both, and loses both when it is disconnected", async () => {
  const { token, visitor, page } = await openLoggedIn(journey);
  for (const who of ["namesake", "long"]) {
    const answer = await fetch(`${journey.stack.apiUrl}/user/bindings/github/`, {
      method: "POST",
      headers: { authorization: `JWT ${token}`, "content-type": "application/json" },
      body: JSON.stringify(await approve("github", who, token)),
    });
    expect(answer.status).toBe(201);
  }
  await page.goto("/account/bindings");
  await page.getByText(`已绑定：python01 · ${"长".repeat(64)}`).waitFor();
  await expectAccessible(page);
  await page.getByRole("button", { name: "解除绑定 GitHub" }).click();
  await page.getByRole("button", { name: "解除绑定", exact: true }).click();
  await page.getByText("GitHub已解除绑定。").waitFor();
  await page.reload();
  await page.getByRole("button", { name: "绑定 GitHub" }).waitFor();
  await visitor.leave();
});

it("Apple: comes back by a form to the name of this machine that the reader opened the site by", async () => {
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  const site = journey.stack.siteUrl.replace("127.0.0.1", "localhost");
  await page.goto(`${site}/login`);
  await page.getByRole("button", { name: "用Apple登录" }).click();
  await allow(page, "long");
  await page.getByRole("heading", { name: "还差一步" }).waitFor();
  expect(new URL(page.url()).origin).toBe(site);
  await visitor.leave([/^foreign request: http:\/\/localhost:/]);
});

it("Apple: a form that is delivered twice logs in once, in the tab that asked for it", async () => {
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login");
  await page.getByRole("button", { name: "用Apple登录" }).click();
  await allow(page, "rtl", "twice");
  const opened = page.waitForEvent("popup");
  await page.getByTestId("deliver-first").click();
  const other = await opened;
  await other.getByRole("alert").getByText("请重新开始").waitFor();
  await page.getByTestId("deliver-second").click();
  await page.getByRole("heading", { name: "还差一步" }).waitFor();
  await visitor.leave();
});

it("the tutorial's callback address works, with its query", async () => {
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  await page.goto("/qq_oauth_callback.html?code=ABC&state=forged");
  await page.waitForURL("**/oauth/callback/qq");
  await page.getByRole("alert").getByText("请重新开始").waitFor();
  await visitor.leave();
});

it("does not log a visitor in by a link with somebody else's code", async () => {
  const { link } = await approve("github", "rtl");
  expect(link).toMatch(/\/oauth\/callback\/github\?code=/);

  const victim = await journey.browser.visitor();
  const page = await victim.tab();
  await page.goto(link);
  await page.getByRole("heading", { name: "GitHub登录没有完成" }).waitFor();
  await page.getByText("请重新开始").waitFor();
  await victim.leave();
});
