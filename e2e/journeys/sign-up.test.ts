import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { openBrowser, refusedRequest, type TestBrowser } from "../support/browser.ts";
import { newPerson, type Person, type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let browser: TestBrowser;

beforeAll(async () => {
  stack = await startStack();
  browser = await openBrowser(stack);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

async function fillSignUp(page: Page, person: Person): Promise<void> {
  await page.getByLabel("用户名").fill(person.username);
  await page.getByLabel("邮箱", { exact: true }).fill(person.email);
  await page.getByRole("button", { name: "获取验证码" }).click();
  await page.getByText(`验证码已发往 ${person.email}`).waitFor();
  await page.getByLabel("邮箱验证码").fill((await stack.code(person.email)).toLowerCase());
  await page.getByLabel("密码", { exact: true }).fill(person.password);
  await page.getByLabel("再输一次密码").fill(person.password);
  await page.getByRole("checkbox").check();
}

it("registers with a code from the mail and is recognised on the other origin", async () => {
  const person = newPerson();
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/register");
  await expectAccessible(page);
  await fillSignUp(page, person);
  await expectAccessible(page);
  await page.getByRole("button", { name: "注册", exact: true }).click();
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  await page.getByText(person.email).waitFor();
  await expectAccessible(page);

  const kept = await page.evaluate("[sessionStorage.token, localStorage.token, sessionStorage.username]");
  expect(kept).toEqual([expect.stringMatching(/^eyJ/), undefined, person.username]);
  const stored = String(await page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)"));
  expect(stored).not.toContain(person.password);
  expect(stored).not.toContain("meiduo.draft");
  await visitor.leave();
});

it("says what is wrong at the field, while typing and after leaving it", async () => {
  const taken = newPerson();
  await stack.signUp(taken);
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/register");

  await page.getByLabel("用户名").fill("ab");
  await page.getByLabel("邮箱", { exact: true }).fill("nobody@");
  await page.getByText("用户名需要 5–20 个字符。").waitFor();
  await page.getByLabel("用户名").fill(taken.username.toUpperCase());
  await page.getByText("这个用户名已经有人用了").waitFor();
  await page.getByText("这不像一个邮箱地址").waitFor();
  await page.getByLabel("用户名").fill(newPerson().username);
  await page.getByText("可以使用").waitFor();
  expect(await page.getByText("这个用户名已经有人用了").count()).toBe(0);

  await page.getByLabel("邮箱", { exact: true }).fill(taken.email);
  await page.getByRole("link", { name: "找回密码" }).waitFor();
  await expectAccessible(page);

  await page.getByLabel("密码", { exact: true }).fill("short");
  await page.getByLabel("再输一次密码").fill("other");
  await page.getByRole("button", { name: "注册", exact: true }).click();
  for (const words of ["密码至少 8 个字符", "两次输入的密码不一样", "请先阅读并同意", "请填写这一项"]) {
    await page.getByText(words).first().waitFor();
  }
  expect(await page.evaluate("document.activeElement.name")).toBe("email");
  await expectAccessible(page);
  await visitor.leave();
});

it("puts the server's words at their field: a wrong code", async () => {
  const person = newPerson();
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/register");
  await fillSignUp(page, person);
  await page.getByLabel("邮箱验证码").fill("000000");
  await page.getByRole("button", { name: "注册", exact: true }).click();
  await page.getByRole("alert").getByText("邮箱验证码错误").waitFor();
  await expectAccessible(page);
  await visitor.leave([refusedRequest]);
});

it("keeps what was typed through a reload, but no password and no code, and goes on counting down", async () => {
  const person = newPerson();
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/register");
  await fillSignUp(page, person);
  await page.getByRole("button", { name: /^[1-6]?\d 秒后重发$/ }).waitFor();
  await page.reload();
  const button = page.getByRole("button", { name: /^[1-5]?\d 秒后重发$/ });
  await button.waitFor();
  expect(await button.getAttribute("aria-disabled")).toBe("true");
  await button.click({ force: true });
  expect(await page.getByLabel("用户名").inputValue()).toBe(person.username);
  expect(await page.getByLabel("邮箱", { exact: true }).inputValue()).toBe(person.email);
  expect(await page.getByLabel("密码", { exact: true }).inputValue()).toBe("");
  expect(await page.getByLabel("邮箱验证码").inputValue()).toBe("");
  const mails = await fetch(`${stack.apiUrl}/sandbox/mailbox/messages/?to=${person.email}`).then((r) =>
    r.json(),
  );
  expect((mails as unknown[]).length).toBe(1);
  await visitor.leave();
});

it("sends one sign-up for a double click and for Enter pressed twice", async () => {
  const person = newPerson();
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/register");
  await fillSignUp(page, person);
  const posts: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") posts.push(request.url());
  });
  await page.getByRole("button", { name: "注册", exact: true }).dblclick();
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  expect(posts).toHaveLength(1);
  await visitor.leave();
});
