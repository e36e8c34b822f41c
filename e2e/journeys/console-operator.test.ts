import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { confirmByPassword, prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";
import { openStaff } from "../support/staff.ts";

/** What an operator sets and looks after in the console: what connects the site with others, by one start of the product. */
const journey = prepareJourney({ WEBHOOK_PRIVATE_HOSTS: "127.0.0.1" });

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
