import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { refusedRequest } from "../support/browser.ts";
import { prepareJourney } from "../support/journey.ts";
import { signUpWithApp } from "../support/second-factor.ts";
import { newPerson, type Person } from "../support/stack.ts";
import { openStaff } from "../support/staff.ts";

/** What is done on a person's page, each by its button, and what it comes to for the owner. */
const journey = prepareJourney();

const api = (path: string, init: RequestInit = {}) => fetch(`${journey.stack.apiUrl}${path}`, init);
const statusOf = async (token: string) =>
  (await api("/user/", { headers: { authorization: `JWT ${token}` } })).status;
const logInAs = ({ username, password }: Person) =>
  api("/users/authorizations/", {
    ...{ method: "POST", headers: { "content-type": "application/json" } },
    body: JSON.stringify({ username, password }),
  });

/** Presses a button of the page that asks again, with a reason where it wants one. */
async function agree(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).click();
  const dialog = page.getByRole("dialog", { name });
  const reason = dialog.getByLabel(/^原因/);
  if ((await reason.count()) > 0) await reason.fill("工单 17");
  await dialog.getByRole("button", { name, exact: true }).click();
}

it("ends one log-in, then all; disables and enables", async () => {
  const person = newPerson();
  const { id, token } = await journey.stack.signUp(person);
  const { token: another } = (await (await logInAs(person)).json()) as { token: string };
  const { page, visitor } = await openStaff(journey);
  await page.goto(`/console/users/${id}`);
  await page.locator("[data-session]").nth(1).waitFor();
  await page.locator("[data-session]").first().getByRole("button", { name: "结束" }).click();
  await expect.poll(() => page.locator("[data-session]").count()).toBe(1);
  expect([await statusOf(token), await statusOf(another)].sort()).toEqual([200, 401]);
  await agree(page, "结束全部登录");
  await page.getByText("现在没有登录").waitFor();
  expect([await statusOf(token), await statusOf(another)]).toEqual([401, 401]);
  await page.locator("[data-log-in]").nth(1).waitFor();

  await agree(page, "停用账号");
  await page.locator("[data-finding=disabled]").waitFor();
  expect((await logInAs(person)).status).toBe(400);
  await agree(page, "恢复账号");
  await page.getByRole("button", { name: "停用账号" }).waitFor();
  expect((await logInAs(person)).status).toBe(200);
  await visitor.leave();
});

it("mails a code for a new password", async () => {
  const { username, email } = newPerson();
  await journey.stack.manage("user", "create", username, "--email", email, "--no-password");
  const { page, visitor } = await openStaff(journey);
  await page.goto(`/console/users?search=${username}`);
  await page.getByRole("link", { name: username }).click();
  await agree(page, "发送重设密码邮件");
  await page.getByText("已完成", { exact: true }).waitFor();
  expect(await journey.stack.code(email)).toMatch(/^\w{6}$/);
  await visitor.leave();
});

it("takes a lost second factor away, hands out a person's data, and deletes the account", async () => {
  const person = newPerson();
  await signUpWithApp(journey.stack, person);
  const { page, visitor } = await openStaff(journey);
  await page.goto(`/console/users?search=${person.username}`);
  await page.getByRole("link", { name: person.username }).click();
  await page.locator("[data-finding=second_factor]").waitFor();
  await agree(page, "解除两步验证");
  await page.locator("[data-finding=second_factor]").waitFor({ state: "detached" });
  expect(await (await logInAs(person)).json()).toHaveProperty("token");
  await agree(page, "解除两步验证");
  await page.getByRole("alert").first().waitFor();

  const arrives = page.waitForEvent("download");
  await agree(page, "导出个人数据");
  const file = readFileSync(await (await arrives).path());
  expect(file.subarray(0, 2).toString()).toBe("PK");
  await page.getByText("文件已下载，交给本人后请删除。").waitFor();

  await page.getByLabel("新备注").fill("来电");
  await page.getByRole("button", { name: "写下备注" }).click();
  await page.locator(".note-text").waitFor();
  await agree(page, "删除备注");
  await page.getByText("还没有备注").waitFor();

  await agree(page, "删除账号");
  await page.getByText(/^账号会在 .+ 被抹去$/).waitFor();
  await page.locator("[data-finding=deletion_pending]").waitFor();
  await page.goto("/console/data-requests");
  await page.getByRole("link", { name: new RegExp(person.username) }).waitFor();
  await visitor.leave([refusedRequest]);
});
