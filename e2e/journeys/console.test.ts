import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { confirmByPassword, logIn, openLoggedIn, prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";
import { openStaff } from "../support/staff.ts";

const journey = prepareJourney();

it("makes the first superuser by the link that the start left in a file", async () => {
  const link = readFileSync(join(journey.stack.dataDir, "first-superuser-link"), "utf8").trim();
  expect(journey.stack.output()).not.toContain(link);
  const boss = newPerson();
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  await page.goto(link);
  await page.getByRole("heading", { name: "创建首个超级管理员" }).waitFor();
  await expectAccessible(page);
  await page.getByLabel("用户名").fill(boss.username);
  await page.getByLabel("密码", { exact: true }).fill(boss.password);
  await page.keyboard.press("Enter");
  await page.getByText("超级管理员已创建。").waitFor();
  await page.getByRole("link", { name: "去登录" }).click();
  await page.waitForURL(/\/login\?/);
  await logIn(page, boss);
  await page.getByRole("heading", { name: "概览", exact: true }).waitFor();
  await visitor.leave();
});

it("finds a person by what was pasted, shows them masked, and in full at a press", async () => {
  const person = newPerson();
  const { id } = await journey.stack.signUp(person);
  const { page, visitor } = await openStaff(journey);
  await page.goto("/console/");
  await page.getByRole("heading", { name: "概览", exact: true }).waitFor();
  await page.locator("[data-figure=logIns]").waitFor();
  await page.getByRole("link", { name: "用户", exact: true }).click();
  await page.getByRole("heading", { name: "用户", exact: true }).waitFor();
  await expectAccessible(page);
  for (const pasted of [String(id), person.username, person.email]) {
    await page.getByLabel("查找", { exact: true }).fill(pasted);
    await page.keyboard.press("Enter");
    await page.getByText(`完全符合的账号 · 显示了 1 个账号`).waitFor();
  }
  await page.getByRole("link", { name: person.username }).click();
  await page.getByRole("heading", { name: `用户详情 ${id}` }).waitFor();
  await page.getByText("r***@example.com").first().waitFor();
  expect(await page.locator("main").innerText()).not.toContain(person.email);
  await page.getByRole("button", { name: "显示完整资料" }).click();
  await page.getByText("完整资料已显示，并记入审计日志。").waitFor();
  expect(await page.locator("main").innerText()).toContain(person.email);
  await page.getByRole("cell", { name: "user.reveal" }).waitFor();
  await expectAccessible(page);
  await visitor.leave();
});

it("disables an account by the keyboard alone, after a proof, and its owner can't log in", async () => {
  const person = newPerson();
  const { id } = await journey.stack.signUp(person);
  const boss = await openStaff(journey);
  journey.stack.age();
  await boss.page.goto(`/console/users/${id}`);
  const press = boss.page.getByRole("button", { name: "停用账号" });
  await press.focus();
  await boss.page.keyboard.press("Enter");
  const dialog = boss.page.getByRole("dialog", { name: "停用账号" });
  await dialog.waitFor();
  await expectAccessible(boss.page);
  await boss.page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await boss.page.keyboard.press("Enter");
  await dialog.getByLabel(/^原因/).focus();
  await boss.page.keyboard.type("工单 17");
  await dialog.getByRole("button", { name: "停用账号" }).focus();
  await boss.page.keyboard.press("Enter");
  await confirmByPassword(boss.page, boss.person);
  await boss.page.getByRole("button", { name: "恢复账号" }).waitFor();
  const other = await journey.browser.visitor();
  const page = await other.tab();
  await page.goto("/login");
  await logIn(page, person);
  await page.getByRole("alert").first().waitFor();
  await other.leave([refusedRequest]);
  await boss.visitor.leave([refusedRequest]);
});

it("exports what the list shows, as a file that spreadsheets read", async () => {
  const person = newPerson();
  await journey.stack.signUp(person);
  const { page, visitor } = await openStaff(journey);
  await page.goto(`/console/users?search=${person.username}`);
  await page.getByText("显示了 1 个账号").waitFor();
  const arrives = page.waitForEvent("download");
  await page.getByRole("button", { name: "导出 CSV" }).click();
  const text = readFileSync(await (await arrives).path(), "utf8");
  expect(text.startsWith("\u{feff}id,username,email")).toBe(true);
  expect(text.trimEnd().split("\r\n")).toHaveLength(2);
  expect(text).toContain(person.email);
  await visitor.leave();
});

it("shows staff only what they may see, and others nothing", async () => {
  const few = await openStaff(journey, { permissions: ["mail.view_mail"] });
  await few.page.goto("/console/");
  await few.page.getByRole("heading", { name: "邮件" }).waitFor();
  expect(await few.page.locator(".console-menu a").allInnerTexts()).toEqual(["邮件"]);
  await few.page.goto("/console/users");
  await few.page.getByRole("heading", { name: "没有这个页面" }).waitFor();
  await few.visitor.leave();
  const none = await openStaff(journey, { permissions: [] });
  await none.page.goto("/console/");
  await none.page.getByText("你是工作人员，但还没有任何权限。").waitFor();
  await expectAccessible(none.page);
  await none.visitor.leave();
  const customer = await openLoggedIn(journey);
  await customer.page.goto("/console/users");
  await customer.page.getByRole("heading", { name: "这个账号不能使用管理后台" }).waitFor();
  expect(await customer.page.locator(".console-menu").count()).toBe(0);
  await customer.visitor.leave();
});

it("leads whoever isn't logged in to the site's log-in, and back", async () => {
  const { person } = await openStaff(journey);
  const visitor = await journey.browser.visitor();
  const page = await visitor.tab();
  await page.goto("/console/audit");
  await page.waitForURL(/\/login\?/);
  await logIn(page, person);
  await page.waitForURL(/\/console\/audit$/);
  await page.getByRole("heading", { name: "审计日志" }).waitFor();
  await expectAccessible(page);
  await visitor.leave();
});

it("gives a group its permissions in the matrix, and people their groups", async () => {
  const { page, visitor, person, id } = await openStaff(journey);
  const member = newPerson();
  const { id: memberId } = await journey.stack.signUp(member);
  await page.goto("/console/groups");
  await page.getByLabel("新组的名称").fill("客服");
  await page.getByRole("button", { name: "新建组" }).click();
  await page.getByLabel("客服: users.view_user").check();
  await expectAccessible(page);
  await page.getByRole("button", { name: "保存: 客服" }).click();
  await page.getByText("已保存").waitFor();
  await page.getByText("新建权限", { exact: true }).first().click();
  await page.locator("[name=permission]").fill("mall.refund_order");
  await page.locator("[name=permission-name]").fill("Can refund");
  await page.locator("[name=permission-name]").press("Enter");
  await page.getByLabel("客服: mall.refund_order").waitFor();
  await page.goto(`/console/users/${memberId}`);
  await page.getByLabel("客服").check();
  await page.getByRole("button", { name: "保存组" }).click();
  await page.getByRole("cell", { name: "组“客服”" }).waitFor();
  await page.goto(`/console/audit`);
  // A name in its place would be passed over, and the list be everybody's.
  await page.getByLabel("操作人 ID").fill(person.username);
  await page.getByRole("button", { name: "查找" }).click();
  expect(await page.locator("[name=actor]:invalid").count()).toBe(1);
  await page.getByLabel("操作人 ID").fill(String(id));
  await page.getByRole("button", { name: "查找" }).click();
  await page.getByRole("cell", { name: "user.groups" }).waitFor();
  expect(await page.locator("tbody tr").allInnerTexts()).toEqual(
    expect.arrayContaining([expect.stringContaining(person.username)]),
  );
  await visitor.leave();
});

it("says why somebody can't log in, and shows the jobs", async () => {
  const person = newPerson();
  const { id } = await journey.stack.signUp(person);
  const { page, visitor } = await openStaff(journey);
  await page.goto(`/console/users/${id}`);
  await page.getByText("没有发现妨碍登录的原因。").waitFor();
  await page.getByRole("button", { name: "停用账号" }).click();
  const dialog = page.getByRole("dialog", { name: "停用账号" });
  await dialog.getByLabel(/^原因/).fill("退款纠纷");
  await dialog.getByLabel(/^到什么时候/).fill("2035-01-31T08:00");
  await dialog.getByRole("button", { name: "停用账号" }).click();
  await page.getByText("账号已停用。").waitFor();
  await page.locator("[data-disabled]").getByText("退款纠纷").waitFor();
  await page.getByLabel("新备注").fill("来电，下周再联系");
  await page.getByRole("button", { name: "写下备注" }).click();
  await page.locator(".note-text").getByText("来电，下周再联系").waitFor();
  await expectAccessible(page);
  await page.getByRole("link", { name: "后台任务" }).click();
  await page.getByRole("heading", { name: "后台任务" }).waitFor();
  await page.getByLabel("状态").selectOption("done");
  await page.getByText("verification-mail").first().waitFor();
  await expectAccessible(page);
  await visitor.leave();
});

it("takes a discarded job off the list at once", async () => {
  const { page, visitor } = await openStaff(journey);
  // No job of the journeys is ever given up, so the answers say that one was.
  const job = { id: "given-up", name: "verification-mail", state: "dead", attempts: 9, payload: {} };
  const times = { created_at: "2026-01-02T03:04:05Z", run_at: "2026-01-02T03:04:05Z", last_error: "550 no" };
  let results: object[] = [{ ...job, ...times }];
  await page.route(/\/admin\/jobs\/(\?.*)?$/, async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    await route.fulfill({ response: await route.fetch(), json: { results, next: null } });
  });
  await page.route(/\/admin\/jobs\/given-up\/discard\/$/, async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    const response = await route.fetch();
    expect(response.status()).toBe(404);
    results = [];
    await route.fulfill({ response, status: 200, json: { message: "OK" } });
  });
  await page.goto("/console/jobs");
  await page.locator("[data-job=given-up]").getByRole("button", { name: "丢弃任务" }).click();
  await page
    .getByRole("dialog", { name: "丢弃任务" })
    .getByRole("button", { name: "丢弃任务" })
    .press("Enter");
  await page.locator("[data-job=given-up]").waitFor({ state: "detached" });
  await page.getByText("没有这样的任务").waitFor();
  await visitor.leave();
});

it("makes an account, whose owner is mailed", async () => {
  const { page, visitor } = await openStaff(journey);
  const { email } = newPerson();
  await page.goto("/console/users");
  await page.getByRole("link", { name: "新建用户" }).click();
  await page.getByLabel("邮箱", { exact: true }).fill(email);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /用户详情 \d+/ }).waitFor();
  await journey.stack.mail(email);
  await visitor.leave();
});

it("changes many accounts at once, after a count that has to be typed", async () => {
  const person = newPerson();
  const { id } = await journey.stack.signUp(person);
  const { page, visitor } = await openStaff(journey);
  await page.goto(`/console/users?search=${person.username}`);
  await page.getByLabel(`选择 ${id}`).check();
  await page.getByText("批量操作").click();
  await page.getByRole("button", { name: "统计选中的 1 个" }).click();
  await page.getByText("将涉及 1 个账号").waitFor();
  await expectAccessible(page);
  await page.getByRole("button", { name: "停用账号：1 个" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^原因/).fill("垃圾账号");
  await dialog.getByLabel("请输入 1 确认").fill("1");
  await page.keyboard.press("Enter");
  await page.getByText("已完成: 1").waitFor();
  await page.goto(`/console/users/${id}`);
  await page.getByText("账号已停用。").waitFor();
  await visitor.leave();
});

it("denies a domain and unlocks a name", async () => {
  const person = newPerson();
  await journey.stack.signUp(person);
  const { page, visitor } = await openStaff(journey);
  await page.goto("/console/blocks");
  await page.getByLabel("种类").selectOption("domain");
  await page.getByLabel("内容").fill("spam.example");
  await page.getByRole("button", { name: "加入名单" }).click();
  const dialog = page.getByRole("dialog", { name: "加入名单" });
  await dialog.getByLabel(/^原因/).fill("垃圾注册");
  await page.keyboard.press("Enter");
  await page.getByRole("cell", { name: "spam.example" }).waitFor();
  await page.getByLabel("登录名或 IP 地址").fill(person.username);
  await page.keyboard.press("Enter");
  await page.getByText("不认识的设备").first().waitFor();
  await expectAccessible(page);
  await page.getByRole("button", { name: "解除限制" }).click();
  await page.getByRole("dialog", { name: "解除限制" }).getByLabel(/^原因/).fill("来电核实");
  await page.keyboard.press("Enter");
  await page.getByText("已解除，并记入审计日志。").waitFor();
  await visitor.leave();
});
