import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";
import { openStaff } from "../support/staff.ts";

/** Lists of the console as they are narrowed down, shown, taken away as files, and worked off. */
const journey = prepareJourney();

async function download(page: Page, button: string): Promise<string> {
  const arrives = page.waitForEvent("download");
  await page.getByRole("button", { name: button }).click();
  return readFileSync(await (await arrives).path(), "utf8");
}
const idsOf = async (page: Page) =>
  (await page.evaluate(
    `[...document.querySelectorAll("[data-user]")].map((row) => Number(row.dataset.user))`,
  )) as number[];

it("narrows the users down by filters that the address has, shows the columns that were chosen, and exports what fits", async () => {
  const people = [newPerson(), newPerson()];
  const ids: number[] = [];
  for (const person of people) ids.push((await journey.stack.signUp(person)).id);
  await journey.stack.manage("user", "deactivate", people[1]!.username, "--reason", "ticket 17");
  await journey.stack.manage("group", "create", "客服");
  await journey.stack.manage("group", "add", "客服", people[0]!.username);
  const { page, visitor } = await openStaff(journey);
  await page.goto("/console/users");
  await page.getByText("筛选", { exact: true }).click();
  await page.locator("[name=is_active]").selectOption("false");
  await page.waitForURL(/is_active=false/);
  await expect.poll(() => idsOf(page)).toEqual([ids[1]]);
  await page.locator("[name=is_active]").selectOption("");
  await page.waitForURL(/\/users$/);
  await page.locator("[name=group]").selectOption("客服");
  await expect.poll(() => idsOf(page)).toEqual([ids[0]]);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel("注册不早于").fill(tomorrow);
  await page.getByText("没有符合的账号").waitFor();
  await page.reload();
  await page.getByText("没有符合的账号").waitFor();
  await page.goBack();
  await expect.poll(() => idsOf(page)).toEqual([ids[0]]);

  await page.getByText("显示的列", { exact: true }).click();
  await page.getByLabel("手机号", { exact: true }).uncheck();
  await page.getByLabel("注册时间", { exact: true }).check();
  const heads = ["选择", "ID", "用户名", "邮箱", "状态", "最近登录", "注册时间"];
  const shownHeads = () => page.locator("thead th").allInnerTexts();
  await expect.poll(shownHeads).toEqual(heads);
  await page.reload();
  await expect.poll(shownHeads).toEqual(heads);

  const lines = (await download(page, "导出 JSON lines")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).id)).toEqual([ids[0]]);
  await page.goto("/console/users");
  const part = people[0]!.username.slice(2);
  await page.getByLabel("查找", { exact: true }).fill(part);
  await page.keyboard.press("Enter");
  await page.getByText("没有符合的账号").waitFor();
  await page.getByRole("button", { name: "包含这些字（较慢）" }).click();
  await page.getByText("包含这些字的账号 · 显示了").waitFor();
  expect(await idsOf(page)).toContain(ids[0]);
  await visitor.leave();
});

it("narrows the audit log down, and exports what fits, masked", async () => {
  const person = newPerson();
  const { id } = await journey.stack.signUp(person);
  const { page, visitor } = await openStaff(journey);
  await page.goto(`/console/users/${id}`);
  await page.getByRole("button", { name: "显示完整资料" }).click();
  await page.getByText("完整资料已显示，并记入审计日志。").waitFor();
  await page.goto("/console/audit");
  await page.getByLabel("对象种类").selectOption("user");
  await page.getByLabel("动作").fill("user.reveal");
  await page.getByLabel("对象 ID").fill(String(id));
  await page.getByLabel("自", { exact: true }).fill(new Date().toISOString().slice(0, 10));
  await page.keyboard.press("Enter");
  await expect.poll(() => page.locator("tbody tr").count()).toBe(1);
  const lines = (await download(page, "导出 JSON lines")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { action: "user.reveal", target: { kind: "user", id } },
  ]);
  await page.getByText("已导出 1 条。").waitFor();
  await page.getByLabel("动作").fill("user.no-such-thing");
  await page.keyboard.press("Enter");
  await page.getByText("没有符合的记录").waitFor();
  await visitor.leave();
});

/** Answers as if a job, or the mail that it sends, had been given up; none ever is in a journey. */
async function giveUp(page: Page, list: RegExp, row: object): Promise<() => readonly string[]> {
  const retried: string[] = [];
  await page.route(list, async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    const results = retried.length > 0 ? [] : [row];
    await route.fulfill({ response: await route.fetch(), json: { results, next: null } });
  });
  await page.route(/\/admin\/jobs\/given-up\/retry\/$/, async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    const response = await route.fetch();
    // It got there, with whoever may, and there is no such job.
    expect(response.status()).toBe(404);
    retried.push(route.request().url());
    await route.fulfill({ response, status: 200, json: { message: "OK" } });
  });
  return () => retried;
}

it("puts back a job that was given up, and sends a mail again that was refused", async () => {
  const { page, visitor } = await openStaff(journey);
  const at = "2026-01-02T03:04:05Z";
  const job = { id: "given-up", name: "verification-mail", state: "dead", attempts: 9, payload: {} };
  const jobs = await giveUp(page, /\/admin\/jobs\/(\?.*)?$/, {
    ...{ ...job, created_at: at, run_at: at, last_error: "550 no" },
  });
  await page.goto("/console/jobs");
  await page.locator("[data-job=given-up]").getByText("550 no").waitFor();
  await page.locator("[data-job=given-up]").getByRole("button", { name: "重新执行" }).click();
  await page.getByText("没有这样的任务").waitFor();
  expect(jobs()).toHaveLength(1);
  await page.unrouteAll();
  const mail = { id: 1, message_id: "m1", to: "r***@example.com", kind: "register", state: "refused" };
  const mails = await giveUp(page, /\/admin\/mails\/\?/, {
    ...{ ...mail, words: "550 no", tries: 9, queued_at: at, changed_at: at, job: "given-up" },
  });
  await page.goto("/console/mails");
  await page.getByRole("cell", { name: "被拒收" }).waitFor();
  await page.getByRole("button", { name: "重新发送" }).click();
  await page.getByText("已重新排队。").waitFor();
  expect(mails()).toHaveLength(1);
  await visitor.leave();
});

it("shows what the doctor warns of, what became of a change of many, and what people asked for", async () => {
  const person = newPerson();
  const { id, token } = await journey.stack.signUp(person);
  const asked = await fetch(`${journey.stack.apiUrl}/user/export/`, {
    method: "POST",
    headers: { authorization: `JWT ${token}` },
  });
  expect(asked.status).toBe(202);
  const { page, visitor } = await openStaff(journey);
  await page.goto("/console/overview");
  await page
    .locator("[data-doctor]")
    .getByText(/检查于/)
    .waitFor();
  await page.locator("[data-figure=jobs]").getByText("已放弃").waitFor();
  await page.locator("[data-action=again]").click();
  await page.getByRole("table").first().waitFor();

  await page.goto(`/console/users?search=${person.username}`);
  await page.getByText("批量操作").click();
  await page.locator("[name=bulk-action]").selectOption("end_tokens");
  await page.getByRole("button", { name: "统计所有符合条件的账号" }).click();
  await page.getByRole("button", { name: "结束全部登录：1 个" }).click();
  await page.getByRole("dialog").getByLabel(/^原因/).fill("工单 17");
  await page.getByRole("dialog").getByLabel("请输入 1 确认").fill("2");
  await page.keyboard.press("Enter");
  // Not with another number.
  expect(await page.getByRole("dialog").isVisible()).toBe(true);
  await page.getByRole("dialog").getByLabel("请输入 1 确认").fill("1");
  await page.keyboard.press("Enter");
  await page.getByText("已完成: 1").waitFor();
  await page.goto("/console/runs");
  const run = page.locator("[data-bulk=end_tokens]");
  await run.getByText("工单 17").waitFor();
  await run.getByRole("button", { name: "结果" }).click();
  await run.getByText("已完成: 1").waitFor();

  await page.goto("/console/data-requests");
  await page.getByRole("link", { name: new RegExp(`#${id} `) }).waitFor();
  await page.getByText("没有等待移出的号码").waitFor();
  await visitor.leave();
});
