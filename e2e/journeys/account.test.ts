import { expect, it } from "vitest";
import { expectAccessible } from "../support/accessibility.ts";
import { refusedRequest } from "../support/browser.ts";
import { adoptToken, logIn, openLoggedIn, prepareJourney } from "../support/journey.ts";
import { newPerson } from "../support/stack.ts";

const journey = prepareJourney();

it("asks for a code to a proved number before it is taken away", async () => {
  const { stack } = journey;
  const { person, visitor, page } = await openLoggedIn(journey);
  await page.goto("/account/contact");
  const mobile = page.getByRole("region", { name: "手机号" });
  await mobile.getByLabel("手机号").fill("13900002222");
  await mobile.getByRole("button", { name: "获取验证码" }).click();
  await mobile.getByLabel("短信验证码").fill((await stack.mail("13900002222")).code!);
  await mobile.getByLabel("当前密码").fill(person.password);
  await mobile.getByRole("button", { name: "添加手机号" }).click();
  await mobile.getByText("当前手机号：13900002222（已验证）").waitFor();
  await mobile.getByLabel("当前密码").fill(person.password);
  await mobile.getByRole("button", { name: "移除手机号" }).click();
  await mobile.getByLabel("发到 13900002222 的短信验证码").waitFor();
  await expectAccessible(page);
  // The next SMS to the number goes out when its minute is over, so the rest is old-number.test.ts's.
  await mobile.getByText("当前手机号：13900002222（已验证）").waitFor();
  await visitor.leave([refusedRequest]);
});

it("changes the names, the mobile number and the address, and logs in by the new ones", async () => {
  const { stack } = journey;
  const { person, visitor, page } = await openLoggedIn(journey);

  await page.goto("/account");
  await page.getByLabel("姓", { exact: true }).fill("欧阳");
  await page.getByLabel("名", { exact: true }).fill("小美");
  await page.getByRole("button", { name: "保存" }).click();
  await page.getByText("已保存。").waitFor();
  await expectAccessible(page);

  await page.getByRole("link", { name: "邮箱和手机" }).click();
  const mobile = page.getByRole("region", { name: "手机号" });
  await mobile.getByText("还没有手机号。").waitFor();
  await mobile.getByLabel("手机号").fill("12345");
  await mobile.getByRole("button", { name: "获取验证码" }).click();
  await mobile.getByText("请输入 11 位手机号。").waitFor();
  await mobile.getByLabel("手机号").fill("13900001111");
  await mobile.getByRole("button", { name: "获取验证码" }).click();
  await mobile.getByText("验证码已发往 13900001111。").waitFor();
  const code = mobile.getByLabel("短信验证码");
  expect(await page.evaluate("document.activeElement.name")).toBe("sms_code");
  expect([await code.getAttribute("autocomplete"), await code.getAttribute("inputmode")]).toEqual([
    "one-time-code",
    "numeric",
  ]);
  // Whoever pastes the whole message has the code.
  const sms = await stack.mail("13900001111");
  expect(sms.text).toContain(sms.code);
  await code.fill(sms.text);
  expect(await code.inputValue()).toBe(sms.code);
  await mobile.getByLabel("当前密码").fill("not the password");
  await mobile.getByRole("button", { name: "添加手机号" }).click();
  await mobile.locator("[name=current_password][aria-invalid=true]").waitFor();
  await expectAccessible(page);
  await mobile.getByLabel("当前密码").fill(person.password);
  await mobile.getByRole("button", { name: "添加手机号" }).click();
  await mobile.getByText("手机号已验证。").waitFor();
  await mobile.getByText("当前手机号：13900001111（已验证）").waitFor();
  await mobile.getByRole("button", { name: "更换手机号" }).waitFor();
  await expectAccessible(page);

  const fresh = newPerson();
  const email = page.getByRole("region", { name: "邮箱" });
  await email.getByLabel("新邮箱").fill(fresh.email);
  await email.getByRole("button", { name: "获取验证码" }).click();
  await email.getByLabel("邮箱验证码").fill(await stack.code(fresh.email));
  await email.getByLabel("当前密码").fill(person.password);
  await email.getByRole("button", { name: "更换邮箱" }).click();
  await email.getByText("邮箱已更新。").waitFor();
  await email.getByText(`当前邮箱：${fresh.email}`).waitFor();
  expect(await email.getByLabel("当前密码").inputValue()).toBe("");

  await page.getByRole("button", { name: "退出登录" }).click();
  await logIn(page, { ...person, username: "13900001111" });
  await page.getByRole("heading", { name: `你好，${person.username}` }).waitFor();
  await page.getByText(fresh.email).waitFor();
  await visitor.leave([refusedRequest]);
});

it("changes the password: this tab goes on, the other browser has to log in again", async () => {
  const { person, token, id, visitor: here, page } = await openLoggedIn(journey);
  const there = await journey.browser.visitor();
  const elsewhere = await there.tab();
  await adoptToken(elsewhere, person, token, id);

  await page.goto("/account/password");
  await expectAccessible(page);
  await page.getByLabel("当前密码").fill(person.password);
  await page.getByLabel("新密码", { exact: true }).fill("seven green umbrellas");
  await page.getByLabel("再输一次密码").fill("seven green umbrellas");
  await page.getByRole("button", { name: "修改密码" }).click();
  await page.getByText("密码已修改。").waitFor();
  expect(await page.evaluate("sessionStorage.token")).not.toBe(token);
  await page.goto("/");
  await page.getByText(person.email).waitFor();

  await elsewhere.goto("/");
  await elsewhere.getByText("登录已过期，请重新登录。").waitFor();
  await logIn(elsewhere, person, "seven green umbrellas");
  await elsewhere.getByText(person.email).waitFor();
  await here.leave();
  await there.leave([refusedRequest]);
});

it("logs out everywhere, once for a double click", async () => {
  const { stack } = journey;
  const { token, visitor, page } = await openLoggedIn(journey);
  const posts: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") posts.push(new URL(request.url()).pathname);
  });
  await page.goto("/account/password");
  await page.getByRole("button", { name: "全部退出" }).dblclick();
  await page.getByText("你已退出登录。").waitFor();
  expect(posts).toEqual(["/user/tokens/end/"]);
  const answer = await fetch(`${stack.apiUrl}/user/`, { headers: { authorization: `JWT ${token}` } });
  expect(answer.status).toBe(401);
  await visitor.leave();
});

it("keeps what was typed for Back and over an expired session, never the password, and drops it at log-out", async () => {
  const { stack } = journey;
  const { person, token, visitor, page } = await openLoggedIn(journey);
  await page.goto("/account");
  await page.getByLabel("姓", { exact: true }).fill("欧阳");
  await page.getByRole("link", { name: "邮箱和手机" }).click();
  const email = page.getByRole("region", { name: "邮箱" });
  await email.getByLabel("新邮箱").fill("typed@example.com");
  await email.getByLabel("当前密码").fill(person.password);
  await page.goBack();
  await expect.poll(() => page.getByLabel("姓", { exact: true }).inputValue()).toBe("欧阳");
  await page.goForward();
  await expect.poll(() => email.getByLabel("新邮箱").inputValue()).toBe("typed@example.com");
  expect(await email.getByLabel("当前密码").inputValue()).toBe("");

  await fetch(`${stack.apiUrl}/user/tokens/end/`, {
    method: "POST",
    headers: { authorization: `JWT ${token}` },
  });
  await page.goto("/account");
  await page.getByText("登录已过期，请重新登录。").waitFor();
  await logIn(page, person);
  await page.getByLabel("姓", { exact: true }).waitFor();
  expect(await page.getByLabel("姓", { exact: true }).inputValue()).toBe("欧阳");
  const kept = () => page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)");
  expect(await kept()).not.toContain(person.password);

  await page.getByRole("button", { name: "退出登录" }).click();
  await page.getByText("你已退出登录。").waitFor();
  for (const typed of ["欧阳", "typed@example.com"]) expect(await kept()).not.toContain(typed);
  await visitor.leave([refusedRequest]);
});

it("shows the account that is logged in, also where another tab has logged in as somebody else", async () => {
  const { stack, browser } = journey;
  const [first, second] = [newPerson(), newPerson()];
  for (const person of [first, second]) await stack.signUp(person);
  const visitor = await browser.visitor();
  const [page, other, guest] = [await visitor.tab(), await visitor.tab(), await visitor.tab()];
  await guest.goto("/");
  await guest.getByRole("link", { name: "登录", exact: true }).waitFor();
  for (const [tab, person] of [
    [page, first],
    [other, second],
  ] as const) {
    await tab.goto("/login?next=/account/contact");
    await tab.getByLabel("记住我").check();
    await logIn(tab, person);
    await tab.getByText(person.email).waitFor();
  }
  // Neither logged out by the change, nor left with the other account's facts.
  await page.getByText(second.email).waitFor();
  expect(await page.getByText(first.email).count()).toBe(0);
  await guest.getByText(second.email).waitFor();
  await guest.getByRole("heading", { name: `你好，${second.username}` }).waitFor();
  expect(await other.evaluate("localStorage.username")).toBe(second.username);
  await visitor.leave();
});
