import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { prepareJourney } from "../support/journey.ts";
import { newPerson, type Person, until } from "../support/stack.ts";

// Short enough to be waited for, long enough for a code to travel by mail on a busy machine.
const lifeSeconds = 20;
const intervalSeconds = 9;
const journey = prepareJourney({
  EMAIL_CODE_EXPIRES: String(lifeSeconds),
  SEND_CODE_INTERVAL: String(intervalSeconds),
});

async function askForCode(page: Page, email: string): Promise<void> {
  await page.getByLabel("邮箱", { exact: true }).fill(email);
  await page.getByRole("button", { name: /^(获取验证码|重新获取)$/ }).click();
  await page.getByText(`验证码已发往 ${email}`).waitFor();
}

async function fillRest(page: Page, person: Person): Promise<void> {
  await page.getByLabel("用户名").fill(person.username);
  await page.getByLabel("密码", { exact: true }).fill(person.password);
  await page.getByLabel("再输一次密码").fill(person.password);
  await page.getByRole("checkbox").check();
}

it("refuses an expired code in words, and takes a fresh one", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/register");
  await askForCode(page, person.email);
  const expired = performance.now() + lifeSeconds * 1000;
  await fillRest(page, person);
  const first = await stack.mail(person.email);
  await page.getByLabel("邮箱验证码").fill(first.code!);
  await until("the code to expire", lifeSeconds * 2000, () => performance.now() > expired || undefined);
  await page.getByRole("button", { name: "注册", exact: true }).click();
  await page.getByRole("alert").getByText("邮箱验证码过期").waitFor();
  await expectAccessible(page);

  await askForCode(page, person.email);
  await page.getByLabel("邮箱验证码").fill(await stack.code(person.email, first.id));
  await page.getByRole("button", { name: "注册", exact: true }).click();
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  await visitor.leave([refusedRequest]);
});

it("counts down what this server asks for, through a reload, and for this address only", async () => {
  const { stack, browser } = journey;
  const [mistyped, meant] = [newPerson(), newPerson()];
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/forgot-password");
  await askForCode(page, mistyped.email);
  const first = page.getByRole("button", { name: /^\d 秒后重发$/ });
  await first.waitFor();
  expect(await first.getAttribute("aria-disabled")).toBe("true");

  // A mistyped address does not hold up the right one.
  await askForCode(page, meant.email);
  await first.waitFor();
  await page.reload();
  await first.waitFor();
  await page.getByText(`验证码已发往 ${meant.email}`).waitFor();
  await page.getByRole("button", { name: "重新获取" }).waitFor({ timeout: (intervalSeconds + 5) * 1000 });
  const seen = await stack.mail(meant.email);
  await askForCode(page, meant.email);
  await stack.mail(meant.email, seen.id);
  await visitor.leave();
});

it("shows the wait a refusal names, where another page asked before", async () => {
  const { stack, browser } = journey;
  const { email } = newPerson();
  await fetch(`${stack.apiUrl}/verifications/email_codes/${email}/`);
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/register");
  await page.getByLabel("邮箱", { exact: true }).fill(email);
  await page.getByRole("button", { name: "获取验证码" }).click();
  await page.getByRole("alert").getByText("发送邮件过于频繁").waitFor();
  await page.getByRole("button", { name: /^\d 秒后重发$/ }).waitFor();
  expect(await page.getByText("验证码已发往").count()).toBe(0);
  await visitor.leave([refusedRequest]);
});

it("takes no code twice", async () => {
  const { stack, browser } = journey;
  const person = newPerson();
  const { email, username, password } = person;
  await fetch(`${stack.apiUrl}/verifications/email_codes/${email}/`);
  const code = await stack.code(email);
  const used = await fetch(`${stack.apiUrl}/users/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, email, password, password2: password, email_code: code, allow: true }),
  });
  expect(used.status).toBe(201);
  const visitor = await browser.visitor();
  const page = await visitor.tab();
  await page.goto("/forgot-password");
  await page.getByLabel("邮箱", { exact: true }).fill(email);
  await page.getByLabel("邮箱验证码").fill(code);
  await page.getByLabel("新密码", { exact: true }).fill("five loud kettles");
  await page.getByLabel("再输一次密码").fill("five loud kettles");
  await page.getByRole("button", { name: "设置新密码" }).click();
  await page.getByRole("alert").getByText("邮箱验证码过期").waitFor();
  await visitor.leave([refusedRequest]);
});
