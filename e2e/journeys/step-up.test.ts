import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { appCode } from "../../server/test/support/second-factor.ts";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { confirmByPassword, openLoggedIn, prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

// Codes are asked for right after the one to sign up with.
const journey = prepareJourney({ SEND_CODE_INTERVAL: "1" });
const dialogOf = (page: Page) =>
  page.getByRole("dialog", { name: /^(请确认是你本人|Confirm that it is you)$/ });
const focused = (page: Page) =>
  page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()");

/** The page has a button for the mobile number's, too. */
async function codeFor(page: Page, address: string): Promise<string> {
  const section = page.getByRole("region", { name: "邮箱" });
  await section.getByRole("button", { name: "获取验证码" }).click();
  return journey.stack.code(address);
}

async function allow(page: Page, person: string): Promise<void> {
  await page.getByTestId(`person-${person}`).click();
  await page.getByTestId("allow").click();
}

describe.each([
  { look: "desktop", options: {} },
  { look: "phone, dark", options: { phone: true, theme: "dark" } },
] as const)("$look", ({ options }) => {
  it("asks before other devices are logged out, by keyboard, and then goes on by itself", async () => {
    const { person, visitor, page } = await openLoggedIn(journey, options);
    journey.stack.age();
    await page.goto("/account/devices");
    const other = await fetch(`${journey.stack.apiUrl}/users/authorizations/`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: person.username, password: person.password }),
    });
    expect(other.status).toBe(200);
    await page.reload();
    await page.getByRole("button", { name: "退出所有其他设备" }).focus();
    await page.keyboard.press("Enter");
    const dialog = dialogOf(page);
    await dialog.waitFor();
    await expect.poll(() => focused(page)).toBe("password");
    await expectAccessible(page);

    // Round and round inside of it, and out by Escape to where one was.
    await page.keyboard.press("Shift+Tab");
    await expect.poll(() => focused(page)).toBe("取消");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.getByText("请先确认是您本人").waitFor();
    await expect.poll(() => focused(page)).toBe("登录的设备");

    await page.getByRole("button", { name: "退出所有其他设备" }).click();
    await dialog.getByLabel("当前密码").fill("not the password");
    await page.keyboard.press("Enter");
    await dialog.getByText("密码错误").waitFor();
    await expectAccessible(page);
    await confirmByPassword(page, person);
    await page.getByText("所有其他设备都已退出登录。").waitFor();
    await visitor.leave([refusedRequest]);
  });
});

it("takes a code by mail that names the action, and loses nothing that was typed", async () => {
  const { person, visitor, page } = await openLoggedIn(journey);
  const welcome = await journey.stack.mail(person.email);
  await page.goto("/account/second-factor");
  journey.stack.age();
  await page.getByRole("button", { name: "开启两步验证" }).click();
  const dialog = dialogOf(page);
  await dialog.getByRole("button", { name: "用邮箱验证码确认" }).click();
  await dialog.getByRole("button", { name: "获取验证码" }).click();
  const code = await journey.stack.code(person.email, welcome.id);
  expect((await journey.stack.mail(person.email, welcome.id)).text).toContain("更改两步验证");
  await dialog.getByLabel("邮箱验证码").fill(code);
  await dialog.getByRole("button", { name: "确认", exact: true }).click();
  await page.getByRole("img", { name: "含有密钥的二维码" }).waitFor();

  const secret = String(await page.locator(".secret code").textContent()).replace(/\s/g, "");
  await page.getByLabel("应用显示的 6 位数字").fill(appCode(secret, Date.now() - 30_000));
  await page.getByRole("button", { name: "确认开启" }).click();
  await page.getByRole("button", { name: "我已保存好" }).click();

  // From now on only the factor counts, also for a call that carries the password.
  journey.stack.age();
  await page.goto("/account/contact");
  const moved = `moved.${person.email}`;
  await page.locator("[name=email]").fill(moved);
  await page.locator("[name=email_code]").fill(await codeFor(page, moved));
  await page.getByLabel("当前密码").first().fill(person.password);
  await page.getByRole("button", { name: "更换邮箱" }).click();
  await dialog.getByLabel("验证码或恢复码").waitFor();
  expect(await dialog.getByLabel("当前密码").count()).toBe(0);
  await dialog.getByLabel("验证码或恢复码").fill(appCode(secret, Date.now()));
  await dialog.getByRole("button", { name: "确认", exact: true }).click();
  await page.getByText("邮箱已更新。").waitFor();
  await visitor.leave([refusedRequest]);
});

it("lets somebody who only has QQ prove it there, and keeps what was typed meanwhile", async () => {
  const { username } = newPerson();
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  await page.goto("/login?next=%2Faccount%2Fcontact");
  await page.getByRole("button", { name: "用QQ登录" }).click();
  await allow(page, "penguin");
  await page.getByLabel("新建账号").check();
  await page.getByLabel("用户名").fill(username);
  await page.getByRole("button", { name: "新建并登录" }).click();
  await page.waitForURL("**/account/contact");

  const address = newPerson().email;
  await page.locator("[name=email]").fill(address);
  const code = await codeFor(page, address);
  await page.locator("[name=email_code]").fill(code);
  await page.getByRole("button", { name: "添加邮箱" }).click();
  const dialog = dialogOf(page);
  await dialog.getByRole("button", { name: "用QQ确认" }).waitFor();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "用QQ确认" }).click();
  await allow(page, "penguin");
  await page.waitForURL("**/account/contact?proved=yes");
  await page.getByText("还没有完成：“添加邮箱”，请按一次。").waitFor();
  expect(await page.locator("[name=email]").inputValue()).toBe(address);
  await page.locator("[name=email_code]").fill(code);
  await page.getByRole("button", { name: "添加邮箱" }).click();
  await page.getByText("邮箱已更新。").waitFor();

  // Another person of the provider's is nobody here.
  journey.stack.age();
  await page.goto("/account/bindings");
  await page.getByRole("button", { name: "绑定 GitHub" }).click();
  await dialog.getByRole("button", { name: "用QQ确认" }).click();
  await allow(page, "emoji");
  await page.getByText("这个QQ账号没有绑定到您的账号").waitFor();
  await expectAccessible(page);
  await visitor.leave([refusedRequest]);
});
