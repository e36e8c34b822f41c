import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { confirmByPassword, prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";
import { openStaff } from "../support/staff.ts";

/** What an operator sets and looks after in the console: what connects the site with others, by one start of the product. */
const journey = prepareJourney({ WEBHOOK_PRIVATE_HOSTS: "127.0.0.1", TOKEN_ALGORITHM: "ES256" });

/** A program of the site's that is told what happened. */
let receiver: Server;
const received: string[] = [];
beforeAll(async () => {
  receiver = createServer((request, answer) => {
    request.on("data", (chunk) => received.push(String(chunk)));
    request.on("end", () => answer.writeHead(204).end());
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => receiver.close(resolve)));

it("tells a program of the site's: a webhook by the keyboard, its secret once, a test, off and on", async () => {
  const { page, visitor, person } = await openStaff(journey);
  journey.stack.age();
  await page.goto("/console/webhooks");
  await page.getByText("还没有 Webhook").waitFor();
  await expectAccessible(page);
  await page.getByText("新建 Webhook", { exact: true }).first().focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("地址").fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/told`);
  await page.getByLabel(/^user\.created/).focus();
  await page.keyboard.press("Space");
  await page.getByLabel("地址").press("Enter");
  await confirmByPassword(page, person);
  const secret = await page.locator(".once code").innerText();
  expect(secret).toMatch(/^whsec_/);
  await expectAccessible(page);
  await page.getByRole("link", { name: /127\.0\.0\.1/ }).click();
  await page.getByText("还没有投递").waitFor();
  expect(await page.locator("main").innerText()).not.toContain(secret);
  await page.getByRole("button", { name: "发送测试" }).click();
  await expect.poll(() => received.join("")).toContain("webhook.test");
  await expect
    .poll(async () => {
      await page.getByRole("button", { name: "重新载入" }).click();
      return page.locator("[data-delivery]").allInnerTexts();
    })
    .toEqual([expect.stringContaining("已送达")]);
  await page.getByRole("button", { name: "重新发送" }).click();
  await expect.poll(() => received.length).toBe(2);
  await page.getByRole("button", { name: "更换密钥", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "更换密钥" }).click();
  await page.getByText("旧密钥有效至").waitFor();
  expect(await page.locator(".once code").innerText()).not.toBe(secret);
  await page.getByRole("button", { name: "关闭", exact: true }).click();
  await page.getByRole("button", { name: "开启", exact: true }).click();
  await page.getByRole("button", { name: "关闭", exact: true }).waitFor();
  await expectAccessible(page);
  await page.getByRole("button", { name: "删除 Webhook" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "删除 Webhook" }).click();
  await page.getByText("还没有 Webhook").waitFor();
  await visitor.leave([refusedRequest]);
});

it("invites somebody by a link that is shown once, and by mail, and takes it back", async () => {
  const { page, visitor } = await openStaff(journey);
  await page.goto("/console/invitations");
  await page.getByText("还没有邀请").waitFor();
  await page.getByText("新建邀请", { exact: true }).first().click();
  await page.getByLabel("可用次数").fill("3");
  await page.getByRole("button", { name: "新建邀请" }).click();
  await page.getByText("0 / 3").waitFor();
  expect(await page.locator(".once code").innerText()).toContain(journey.stack.siteUrl);
  const { email } = newPerson();
  await page.getByLabel("邮箱（不填则生成链接）").fill(email);
  await page.keyboard.press("Enter");
  await journey.stack.mail(email);
  await page.getByRole("cell", { name: "r***@example.com" }).waitFor();
  await expectAccessible(page);
  await page.getByRole("button", { name: "撤回邀请" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "撤回邀请" }).click();
  await expect.poll(() => page.locator("[data-invitation]").count()).toBe(1);
  await visitor.leave();
});

it("gives a program a credential whose secret is shown once, and looks at keys, settings and third parties", async () => {
  const { page, visitor, person } = await openStaff(journey);
  journey.stack.age();
  await page.goto("/console/services");
  await page.getByText("还没有凭据").waitFor();
  await page.getByText("新建凭据", { exact: true }).first().click();
  await page.getByLabel(/^名称/).fill("crm");
  await page.getByLabel("users.view_user", { exact: true }).focus();
  await page.keyboard.press("Space");
  await expectAccessible(page);
  await page.getByLabel(/^名称/).press("Enter");
  await confirmByPassword(page, person);
  const secret = await page.locator(".once code").innerText();
  const read = () =>
    fetch(`${journey.stack.apiUrl}/admin/users/`, { headers: { authorization: `Bearer ${secret}` } });
  expect((await read()).status).toBe(200);
  await page.locator("[data-service=crm]").getByRole("button", { name: "撤销凭据" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "撤销凭据" }).click();
  await page.getByText("还没有凭据").waitFor();
  expect((await read()).status).toBe(401);
  await page.getByRole("link", { name: "签名密钥" }).click();
  await page.getByText("更换密钥", { exact: true }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "更换密钥" }).click();
  await page.getByText("待用").waitFor();
  await expectAccessible(page);
  await page.getByRole("link", { name: "第三方登录" }).click();
  await page.getByRole("button", { name: "检查: QQ" }).click();
  await page.locator("[data-provider=qq] .outcome").getByText("可用").waitFor();
  await page.locator("[data-provider=qq]").getByText("/oauth/callback/qq").waitFor();
  await expectAccessible(page);
  await page.getByRole("link", { name: "生效的设置" }).click();
  await page.locator("[data-setting=WEBHOOK_PRIVATE_HOSTS]").getByText("环境变量").waitFor();
  await page.getByRole("button", { name: "开始检查" }).click();
  await page.locator("[data-level=ok]").first().waitFor();
  await page.getByLabel("查找设置").fill("SECRET_KEY");
  await page.locator("[data-setting=SECRET_KEY]").waitFor();
  await expectAccessible(page);
  await visitor.leave([refusedRequest]);
});

it("looks at a mail in a frame in which nothing runs, and tries an SMS", async () => {
  const { page, visitor, person } = await openStaff(journey);
  journey.stack.age();
  await page.goto("/console/mails");
  await page.getByRole("button", { name: "预览" }).click();
  const look = page.frameLocator(".mail-look");
  await look.getByText("美多").first().waitFor();
  await page.getByText("000000 是您的登录验证码").waitFor();
  await expectAccessible(page);
  await page.getByLabel("发送一条测试短信到手机号").fill("13800138000");
  await page.getByLabel("发送一条测试短信到手机号").press("Enter");
  await confirmByPassword(page, person);
  await page.getByText("已交给短信服务商。").waitFor();
  // What the test itself would run in there.
  await visitor.leave([refusedRequest, /Blocked script execution in '[^']*\/mails\/previews\//]);
});

it("shows who waits to be erased, and who carried data out", async () => {
  const leaver = newPerson();
  const { id } = await journey.stack.signUp(leaver);
  await journey.stack.manage("user", "delete", leaver.username, "--reason", "they asked by letter", "--yes");
  const { page, visitor } = await openStaff(journey);
  await page.goto("/console/users");
  await page.getByRole("button", { name: "导出 CSV" }).click();
  await page.getByText("文件已下载。").waitFor();
  await page.getByRole("link", { name: "个人数据请求" }).click();
  await page.getByRole("link", { name: new RegExp(`#${id} `) }).waitFor();
  await page.getByText("没有进行中的导出").waitFor();
  await expectAccessible(page);
  await page.getByRole("link", { name: "导入和导出" }).click();
  await page.locator('[data-run="user.export-end"]').waitFor();
  await expectAccessible(page);
  await visitor.leave();
});

it("shows staff who may only see the keys neither another page nor a button", async () => {
  const { page, visitor } = await openStaff(journey, { permissions: ["keys.view_signingkey"] });
  await page.goto("/console/");
  await page.getByRole("heading", { name: "签名密钥" }).waitFor();
  expect(await page.locator(".console-menu a").allInnerTexts()).toEqual(["签名密钥"]);
  expect(await page.getByRole("button", { name: "更换密钥" }).count()).toBe(0);
  for (const path of [
    "services",
    "settings",
    "providers",
    "data-requests",
    "runs",
    "webhooks",
    "invitations",
  ]) {
    await page.goto(`/console/${path}`);
    await page.getByRole("heading", { name: "没有这个页面" }).waitFor();
  }
  await visitor.leave();
});
