import { afterAll, beforeAll, expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { openBrowser, refusedRequest, type TestBrowser } from "../support/browser.ts";
import { newPerson, type Person, type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let browser: TestBrowser;
let person: Person;

beforeAll(async () => {
  stack = await startStack();
  browser = await openBrowser(stack);
  person = newPerson();
  await stack.signUp(person);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

it.each(["username", "email"] as const)("logs in by %s, for this tab only", async (by) => {
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login");
  await expectAccessible(page);
  await page.getByLabel("用户名、邮箱或手机号").fill(person[by]);
  await page.getByLabel("密码", { exact: true }).fill(person.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  expect(await page.evaluate("[typeof sessionStorage.token, typeof localStorage.token]")).toEqual([
    "string",
    "undefined",
  ]);
  const other = await visitor.tab();
  await other.goto("/");
  await other.getByRole("link", { name: "登录", exact: true }).waitFor();
  await visitor.leave();
});

it("remembers who asked for it, in every tab, and logs out in every tab", async () => {
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login?next=%2Faccount%2Fpassword");
  await page.getByLabel("用户名、邮箱或手机号").fill(person.username);
  await page.getByLabel("密码", { exact: true }).fill(person.password);
  await page.getByLabel("记住我").check();
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.waitForURL("**/account/password");
  expect(await page.evaluate("[typeof sessionStorage.token, typeof localStorage.token]")).toEqual([
    "undefined",
    "string",
  ]);

  const second = await visitor.tab();
  await second.goto("/");
  await second.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  const third = await visitor.tab();
  await third.goto("/account");
  await third.getByRole("heading", { name: "账号设置" }).waitFor();

  await second.getByRole("button", { name: "退出登录" }).click();
  await second.getByText("你已退出登录。").waitFor();
  await third.getByText("你已退出登录。").waitFor();
  await page.getByText("你已退出登录。").waitFor();
  expect(await third.evaluate("localStorage.token")).toBeUndefined();
  await visitor.leave();
});

it("logs out tabs that each have their own session as well", async () => {
  const visitor = await browser.visitor();
  const tabs = [await visitor.tab(), await visitor.tab()];
  for (const tab of tabs) {
    await tab.goto("/login?next=%2Faccount");
    await tab.getByLabel("用户名、邮箱或手机号").fill(person.username);
    await tab.getByLabel("密码", { exact: true }).fill(person.password);
    await tab.getByRole("button", { name: "登录", exact: true }).click();
    await tab.waitForURL("**/account");
  }
  await tabs[0]!.getByRole("button", { name: "退出登录" }).click();
  for (const tab of tabs) {
    await tab.getByText("你已退出登录。").waitFor();
    expect(await tab.evaluate("sessionStorage.token")).toBeUndefined();
  }
  await visitor.leave();
});

it("gives a wrong password and an unknown name the same words, and clears nothing typed", async () => {
  const visitor = await browser.visitor({ language: "en-US" });
  const page = await visitor.tab();
  for (const name of [person.username, "nobody_at_all"]) {
    await page.goto("/login");
    await page.getByLabel("User name, e-mail or mobile").fill(name);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await page.getByRole("alert").getByText("Unable to log in with provided credentials.").waitFor();
    expect(await page.getByLabel("User name, e-mail or mobile").inputValue()).toBe(name);
    await expectAccessible(page);
  }
  await visitor.leave([refusedRequest]);
});

it("gives Back what was typed, but no password, from the next page and from a provider's", async () => {
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  const name = page.getByLabel("用户名、邮箱或手机号");
  const password = page.getByLabel("密码", { exact: true });
  const expectKept = async () => {
    await page.getByRole("heading", { name: "欢迎回来" }).waitFor();
    await expect.poll(() => name.inputValue()).toBe("typed_name");
    expect([await password.inputValue(), await page.getByLabel("记住我").isChecked()]).toEqual(["", true]);
  };
  await page.goto("/login");
  await name.fill("typed_name");
  await password.fill("three quiet lanterns");
  await page.getByLabel("记住我").check();
  await page.getByRole("link", { name: "忘记密码？" }).click();
  await page.getByLabel("邮箱", { exact: true }).fill("typed@example.com");
  await page.goBack();
  await expectKept();
  await page.goForward();
  await expect.poll(() => page.getByLabel("邮箱", { exact: true }).inputValue()).toBe("typed@example.com");
  await page.goBack();
  await password.fill("three quiet lanterns");
  await page.getByRole("button", { name: "用GitHub登录" }).click();
  await page.getByTestId("sandbox-banner").waitFor();
  await page.goBack();
  await expectKept();
  expect(await page.getByRole("button", { name: "用GitHub登录" }).getAttribute("aria-disabled")).toBe(
    "false",
  );
  await visitor.leave();
});

it("sends who is not logged in to the log-in page and back", async () => {
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/account");
  await page.getByText("请先登录，再继续。").waitFor();
  await page.getByLabel("用户名、邮箱或手机号").fill(person.username);
  await page.getByLabel("密码", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.waitForURL("**/account");
  await visitor.leave();
});

it.each([
  "https://evil.example/",
  "//evil.example/",
  "/\\evil.example",
  "javascript:alert(1)",
  "/\t/evil.example",
])("does not follow next=%s away", async (next) => {
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto(`/login?next=${encodeURIComponent(next)}`);
  await page.getByLabel("用户名、邮箱或手机号").fill(person.username);
  await page.getByLabel("密码", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  expect(page.url()).toBe(`${stack.siteUrl}/`);
  await visitor.leave();
});

it("says that the session has expired where the server refuses the token", async () => {
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/terms");
  await page.evaluate(
    "localStorage.token = 'old.old.old'; localStorage.username = 'x'; localStorage.user_id = '1'",
  );
  await page.goto("/account");
  await page.getByText("登录已过期，请重新登录。").waitFor();
  expect(await page.evaluate("localStorage.token")).toBeUndefined();
  expect(new URL(page.url()).searchParams.get("next")).toBe("/account");
  await visitor.leave([refusedRequest]);
});
