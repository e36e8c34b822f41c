import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { prepareJourney } from "../support/journey.ts";
import { watchRequests } from "../support/settled.ts";
import { newPerson } from "../support/stack.ts";
import { everyPermission, grantAlone, openStaff } from "../support/staff.ts";

/**
 * Who sees which page: for each permission there is, a member of staff who has it alone. Promises: the menu has the pages that it opens
 * and no other; they ask the server for nothing that is refused; every other address leads nowhere. What the server answers to each
 * permission is the permission matrix's (server/test/api/permission-matrix.test.ts).
 */
const journey = prepareJourney();
const pages: Readonly<Record<string, string>> = {
  overview: "概览",
  users: "用户",
  "users/new": "新建用户",
  "users/1": "用户详情 1",
  invitations: "邀请",
  groups: "组和权限",
  blocks: "登录与封禁",
  mails: "邮件",
  jobs: "后台任务",
  webhooks: "Webhook",
  "webhooks/1": "Webhook 详情",
  services: "服务凭据",
  keys: "签名密钥",
  providers: "第三方登录",
  settings: "生效的设置",
  "data-requests": "个人数据请求",
  runs: "导入和导出",
  audit: "审计日志",
};
const opens: Readonly<Record<string, readonly string[]>> = {
  "admission.view_denial": ["blocks"],
  "audit.view_auditentry": ["audit"],
  "auth.view_group": ["groups"],
  "jobs.view_job": ["jobs"],
  "keys.view_signingkey": ["keys"],
  "log_ins.view_block": ["blocks"],
  "mail.view_mail": ["mails"],
  "mail.view_template": ["mails"],
  "overview.view_overview": ["overview"],
  "providers.view_provider": ["providers"],
  "rights.view_datarequest": ["data-requests"],
  "runs.view_run": ["runs"],
  "services.view_service": ["services"],
  "settings.view_setting": ["settings"],
  "users.add_user": ["users/new"],
  "users.bulk_user": ["runs"],
  "users.view_user": ["users", "users/1", "invitations"],
  "webhooks.view_webhook": ["webhooks", "webhooks/1"],
};
/** Reached from another page. */
const isOffMenu = (path: string) => /\/1$/.test(path);

const titleOf = (page: Page) => page.locator("h1").innerText();

/** As a press of the browser's buttons does, without loading anything anew. */
async function goWithin(page: Page, path: string): Promise<void> {
  await page.evaluate(
    `history.pushState(null, "", "/console/${path}"); dispatchEvent(new PopStateEvent("popstate", { state: history.state }))`,
  );
}

it("shows each permission its pages and no other", async () => {
  await journey.stack.signUp(newPerson());
  const { page, visitor, id } = await openStaff(journey, { permissions: [] });
  const every = everyPermission(journey);
  expect(Object.keys(opens).filter((one) => !every.includes(one))).toEqual([]);
  const settled = watchRequests(page);
  const refused: string[] = [];
  page.on("response", (answer) => {
    if (answer.status() === 403) refused.push(answer.url());
  });
  for (const permission of every) {
    grantAlone(journey, id, [permission]);
    const mine = opens[permission] ?? [];
    const menu = mine.filter((path) => !isOffMenu(path));
    await page.goto(`/console/${menu[0] ?? ""}`);
    if (menu.length === 0) await page.getByText("你是工作人员，但还没有任何权限。").waitFor();
    else await page.locator(".console-menu").waitFor();
    expect(await page.locator(".console-menu a").allInnerTexts(), permission).toEqual(
      menu.map((path) => pages[path]),
    );
    for (const [path, title] of Object.entries(pages)) {
      await goWithin(page, path);
      await expect
        .poll(() => titleOf(page), { message: `${permission} ${path}` })
        .toBe(mine.includes(path) ? title : "没有这个页面");
      if (mine.includes(path)) await settled();
    }
    expect(refused, permission).toEqual([]);
  }
  await visitor.leave([/404/]);
}, 300_000);
