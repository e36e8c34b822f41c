import { describe, expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { openLoggedIn, prepareJourney } from "../support/journey.ts";

/** Somebody whose SIM card is lost: asks by a mailed code, sees when the number goes, and keeps it after all. */
const journey = prepareJourney({ SEND_CODE_INTERVAL: "1" });
let numbers = 0;

const zh = {
  ...{
    mobile: "手机号",
    lost: "收不到这个号码的短信？",
    ask: "申请移除这个手机号",
    byMail: "用邮箱验证码确认",
  },
  ...{ send: "获取验证码", code: "验证码", confirm: "确认", waits: /^这个手机号将于 .+ 从账号移除。$/ },
  ...{ keep: "撤销，保留手机号", kept: "已撤销，手机号保留。", dialog: "请确认是你本人" },
  ...{ subject: "有人申请移除您的手机号", sms: "有人申请 7 天后将此号码移出账号" },
};
const en: typeof zh = {
  ...{ mobile: "Mobile number", lost: "Does this number receive nothing any more?" },
  ...{ ask: "Ask to have this number removed", byMail: "Confirm by a mailed code", send: "Send code" },
  ...{
    code: "Verification code",
    confirm: "Confirm",
    waits: /^This number will be removed from your account on /,
  },
  ...{ keep: "Keep the number", kept: "Cancelled: the number stays.", dialog: "Confirm that it is you" },
  ...{ subject: "有人申请移除您的手机号", sms: "有人申请 7 天后将此号码移出账号" },
};

describe.each([
  { look: "Chinese", words: zh, options: {} },
  { look: "English, phone, dark", words: en, options: { language: "en-US", phone: true, theme: "dark" } },
] as const)("$look", ({ words, options }) => {
  it("asks to leave the number, is told when it goes, and keeps it", async () => {
    const { stack } = journey;
    const { person, visitor, page } = await openLoggedIn(journey, options);
    const mobile = `1380000${String(1000 + ++numbers)}`;
    const logIn = await fetch(`${stack.apiUrl}/users/authorizations/`, {
      ...{ method: "POST", headers: { "content-type": "application/json" } },
      body: JSON.stringify({ username: person.username, password: person.password }),
    });
    const { token } = (await logIn.json()) as { token: string };
    const call = (method: string, path: string, body?: object) =>
      fetch(`${stack.apiUrl}${path}`, {
        ...{ method, headers: { authorization: `JWT ${token}`, "content-type": "application/json" } },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    expect((await call("GET", `/verifications/sms_codes/${mobile}/?send_type=changeMobile`)).status).toBe(
      200,
    );
    const first = await stack.mail(mobile);
    const proved = { mobile, sms_code: first.code, current_password: person.password };
    expect((await call("PUT", "/user/mobile/", proved)).status).toBe(200);

    await page.goto("/account/contact");
    const section = page.getByRole("region", { name: words.mobile });
    await section.getByRole("button", { name: words.lost }).click();
    const ask = section.getByRole("button", { name: words.ask });
    await ask.waitFor();
    await expectAccessible(page);
    await ask.click();
    // The password, which a thief may have, is not among what may prove it.
    const dialog = page.getByRole("dialog", { name: words.dialog });
    await dialog.waitFor();
    expect(await dialog.locator("[name=password]").count()).toBe(0);
    await expectAccessible(page);
    const before = await stack.mail(person.email);
    await dialog.getByRole("button", { name: words.send }).click();
    await dialog.locator("[name=email_code]").fill(await stack.code(person.email, before.id));
    await dialog.locator("[type=submit]").click();
    await section.getByText(words.waits).waitFor();
    await section.locator(".number-leave:focus").waitFor();
    await expectAccessible(page);
    expect((await stack.mail(mobile, first.id)).text).toContain(words.sms);
    const told = await stack.mail(person.email, before.id + 1);
    expect(`${told.subject} ${told.text}`).toContain("/not-me#");

    await section.getByRole("button", { name: words.keep }).click();
    await section.getByText(words.kept).waitFor();
    await expectAccessible(page);
    await visitor.leave([refusedRequest]);
  });
});
