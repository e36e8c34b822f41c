import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { refusedRequest } from "../support/browser.ts";
import {
  endMinutes,
  enter,
  newPerson,
  password,
  pictureText,
  prepareClassicJourney,
} from "../support/classic-journey.ts";
import { call, classicSite, draw, strangeSite } from "../support/classic-pages.ts";

/**
 * The classic 美多 pages' calls, page by page in their order, from a browser: cross origin, with the preflights of their
 * headers, in Chinese whatever the browser asks for.
 */
const journey = prepareClassicJourney();
const { codeTo, register, openPage } = journey;

it("register: a wrong picture, then a right one, and the account", async () => {
  const { visitor, page } = await openPage();
  await page.goto("/register.html");
  const { id } = await draw(page);
  const wrong = await call(page, "GET", `/sms_codes/13900009999/?text=WWWW&image_code_id=${id}`);
  expect(wrong).toEqual({
    status: 400,
    body: { non_field_errors: ["图片验证码错误"], message: "图片验证码错误" },
  });
  const { username, mobile, token } = await register(page);
  expect(await enter(page, "user_center_info", token)).toMatchObject({ username, mobile, email: "" });
  await page.goto("/register.html");
  expect((await call(page, "GET", `/mobiles/${mobile}/count/`)).body).toEqual({ mobile, count: 1 });
  await visitor.leave([refusedRequest]);
});

/** The callback page of each third party, as the front ends name them. */
const callbacks = { qq: "oauth_callback", sina: "sina_callback" } as const;

/** From the log-in page to the third party and back to its callback page; what the page reads of its address. */
async function through(page: Page, provider: keyof typeof callbacks, person: string) {
  await page.goto("/login.html");
  const next = "/user_center_info.html";
  const asked = await call<{ login_url: string; oauth_url: string; auth_url: string }>(
    page,
    "GET",
    `/oauth/${provider}/authorization/?next=${next}`,
  );
  const { login_url, oauth_url, auth_url } = asked.body;
  expect([asked.status, oauth_url, auth_url]).toEqual([200, login_url, login_url]);
  await page.evaluate(`location.href = ${JSON.stringify(login_url)}`);
  await page.getByTestId(`person-${person}`).click();
  await page.getByTestId("allow").click();
  await page.waitForURL(`${classicSite}/${callbacks[provider]}.html?**`);
  const query = new URL(page.url()).searchParams;
  expect(query.get("state")).toBe(next);
  const answer = await call<{ access_token: string; token: string; user_id: number; username: string }>(
    page,
    "GET",
    `/oauth/${provider}/user/?code=${query.get("code")}`,
  );
  expect(answer.status).toBe(200);
  return { ...answer.body, next };
}

it("login, oauth_callback: QQ, bound to an unknown number, and in at once the next time", async () => {
  const { visitor, page } = await openPage();
  const { mobile } = newPerson();
  const { access_token, next } = await through(page, "qq", "penguin");
  const sms_code = await codeTo(page, mobile);
  const wrong = sms_code === "000000" ? "111111" : "000000";
  const bind = (code: string) =>
    call<{ token: string; user_id: number; username: string; message: string }>(
      page,
      "POST",
      "/oauth/qq/user/",
      {
        ...{ mobile, password, sms_code: code, access_token },
      },
    );
  // It uses neither the ticket nor the code up.
  expect(await bind(wrong)).toMatchObject({ status: 400, body: { message: "短信验证码错误" } });
  const bound = await bind(sms_code);
  expect(bound).toMatchObject({ status: 200, body: { username: mobile, token: expect.any(String) } });
  await page.evaluate(`location.href = ${JSON.stringify(next)}`);
  await page.waitForURL(`${classicSite}${next}`);
  const own = await call(page, "GET", "/user/", undefined, bound.body.token);
  expect(own.body).toMatchObject({ id: bound.body.user_id, mobile });

  const again = await through(page, "qq", "penguin");
  expect(again).toMatchObject({ user_id: bound.body.user_id, token: expect.any(String) });
  await page.goto("/login.html");
  const typed = await call(page, "POST", "/authorizations/", { username: mobile, password });
  expect(typed).toMatchObject({ status: 200, body: { user_id: bound.body.user_id, id: bound.body.user_id } });
  await visitor.leave([refusedRequest]);
});

it("login, sina_callback: Weibo, a wrong picture and then a right one, bound to a known number, and in at once", async () => {
  const { visitor, page } = await openPage();
  const owner = await register(page);
  endMinutes(journey.stack);
  const { access_token, next } = await through(page, "sina", "long");
  const { id } = await draw(page);
  const wrong = await call(page, "GET", `/sms_codes/${owner.mobile}/?text=WWWW&image_code_id=${id}`);
  expect(wrong).toMatchObject({ status: 400, body: { non_field_errors: ["图片验证码错误"] } });
  const sms_code = await codeTo(page, owner.mobile);
  const bind = (change: object) =>
    call<{ token: string; user_id: number; username: string; message: string }>(
      page,
      "POST",
      "/oauth/sina/user/",
      { ...{ mobile: owner.mobile, password, sms_code, access_token }, ...change },
    );
  // Neither uses the ticket or the code up.
  expect(await bind({ password: "wrong-8Bb" })).toMatchObject({ status: 400, body: { message: "密码错误" } });
  const bound = await bind({});
  expect(bound).toMatchObject({ status: 200, body: { user_id: owner.id, username: owner.username } });
  await page.evaluate(`location.href = ${JSON.stringify(next)}`);
  await page.waitForURL(`${classicSite}${next}`);
  const own = await call(page, "GET", "/user/", undefined, bound.body.token);
  expect(own.body).toMatchObject({ id: owner.id, mobile: owner.mobile });
  expect(await bind({})).toMatchObject({ status: 400, body: { message: "无效的access_token" } });

  const again = await through(page, "sina", "long");
  expect(again).toMatchObject({ user_id: owner.id, token: expect.any(String) });
  await visitor.leave([refusedRequest]);
});

it("find_password: four steps, after which the new password logs in and the old token is over", async () => {
  const { visitor, page } = await openPage();
  const { id, username, mobile, token } = await register(page);
  const { id: last } = await journey.stack.mail(mobile);
  endMinutes(journey.stack);
  await page.goto("/find_password.html");
  const drawn = await draw(page);
  const whose = await call<{ mobile: string; access_token: string }>(
    page,
    "GET",
    `/accounts/${username}/sms/token/?text=${pictureText}&image_code_id=${drawn.id}`,
  );
  expect(whose).toMatchObject({ status: 200, body: { mobile: `139****${mobile.slice(-4)}` } });
  const sent = await call(page, "GET", `/sms_codes/?access_token=${whose.body.access_token}`);
  expect(sent).toEqual({ status: 200, body: { message: "OK" } });
  const sms_code = await journey.stack.code(mobile, last);
  const shown = await call<{ user_id: number; access_token: string }>(
    page,
    "GET",
    `/accounts/${username}/password/token/?sms_code=${sms_code}`,
  );
  expect(shown).toMatchObject({ status: 200, body: { user_id: id } });
  const fresh = "another-8Bb";
  const { access_token } = shown.body;
  const secrets = { password: fresh, password2: fresh };
  const refused = await call(page, "POST", `/users/${id}/password/`, {
    ...{ ...secrets, access_token: whose.body.access_token },
  });
  expect(refused).toEqual({ status: 400, body: { message: "无效的access_token" } });
  const set = await call(page, "POST", `/users/${id}/password/`, { ...secrets, access_token });
  expect(set).toEqual({ status: 200, body: { message: "OK" } });
  expect((await call(page, "GET", "/user/", undefined, token)).status).toBe(401);
  await page.goto("/login.html");
  const entered = await call(page, "POST", "/authorizations/", { username, password: fresh });
  expect(entered).toMatchObject({ status: 200, body: { user_id: id } });
  await visitor.leave([refusedRequest]);
});

it("user_center_info, success_verify_email: an address, confirmed by the mail's link", async () => {
  const { visitor, page } = await openPage();
  const { id, username, token } = await register(page);
  await enter(page, "user_center_info", token);
  expect(await call(page, "GET", "/browse_histories/", undefined, token)).toEqual({ status: 200, body: [] });
  const email = `${username}@163.com`;
  const given = await call(page, "PUT", "/email/", { email }, token);
  expect(given).toEqual({ status: 200, body: { id, email } });
  expect(await enter(page, "user_center_info", token)).toMatchObject({ email, email_active: false });
  const mail = await journey.stack.mail(email);
  const link = /http:\S+\/success_verify_email\.html\?token=[\w.-]+/.exec(mail.text)![0];
  expect(link.startsWith(classicSite)).toBe(true);
  await page.goto(link);
  // The page hands its query on as it is.
  const { search } = new URL(page.url());
  for (let i = 0; i < 2; i++) {
    const opened = await call(page, "GET", `/emails/verification/${search}`);
    expect(opened).toEqual({ status: 200, body: { message: "OK" } });
  }
  const made = await call(page, "GET", "/emails/verification/?token=x");
  expect(made).toEqual({ status: 400, body: { message: "无效的token" } });
  expect(await enter(page, "user_center_info", token)).toMatchObject({ email, email_active: true });
  await visitor.leave([refusedRequest]);
});

it("user_center_pass: a wrong present password, then the right one", async () => {
  const { visitor, page } = await openPage();
  const { id, username, token } = await register(page);
  await enter(page, "user_center_pass", token);
  const change = (old_password: string, to = id) =>
    call(
      page,
      "PUT",
      `/users/${to}/password/`,
      { old_password, password: "another-8Bb", password2: "another-8Bb" },
      token,
    );
  expect(await change("wrong-8Bb")).toEqual({
    status: 400,
    body: { old_password: ["密码错误"], non_field_errors: ["密码错误"], message: "密码错误" },
  });
  expect((await change(password, id + 1)).status).toBe(403);
  expect(await change(password)).toMatchObject({ status: 200, body: { message: "OK" } });
  expect((await call(page, "GET", "/user/", undefined, token)).status).toBe(401);
  await page.goto("/login.html");
  const entered = await call(page, "POST", "/authorizations/", { username, password: "another-8Bb" });
  expect(entered.status).toBe(200);
  await visitor.leave([refusedRequest]);
});

it("user_center_site: areas, and an address added, changed, titled, made the default and deleted", async () => {
  const { visitor, page } = await openPage();
  const { id: user_id, token } = await register(page);
  await enter(page, "user_center_site", token);
  const as = <Body>(method: "GET" | "POST" | "PUT" | "DELETE", path: string, data?: object) =>
    call<Body>(page, method, path, data, token);
  type Area = { id: number; name: string; subs: { id: number; name: string }[] };
  const provinces = await call<Area[]>(page, "GET", "/areas/");
  expect(provinces.body[0]).toEqual({ id: 110000, name: "北京市" });
  const cities = await call<Area>(page, "GET", `/areas/${provinces.body[0]!.id}/`);
  const districts = await call<Area>(page, "GET", `/areas/${cities.body.subs[0]!.id}/`);
  const none = { user_id, default_address_id: null, limit: 20, addresses: [] };
  expect((await as("GET", "/addresses/")).body).toEqual(none);
  const form = {
    ...{ title: "张三", receiver: "张三", place: "长安街 1 号", mobile: "13800138000", tel: "", email: "" },
    ...{ province_id: 110000, city_id: cities.body.subs[0]!.id, district_id: districts.body.subs[0]!.id },
  };
  const added = await as<{ id: number }>("POST", "/addresses/", form);
  expect(added).toMatchObject({ status: 201, body: { province: "北京市", place: "长安街 1 号" } });
  const one = `/addresses/${added.body.id}/`;
  const changed = await as("PUT", one, { ...form, place: "新街 2 号" });
  expect(changed).toMatchObject({ status: 200, body: { place: "新街 2 号" } });
  expect(await as("PUT", `${one}title/`, { title: "公司" })).toEqual({
    status: 200,
    body: { title: "公司" },
  });
  expect(await as("PUT", `${one}status/`, {})).toEqual({ status: 200, body: { message: "OK" } });
  expect((await as("GET", "/addresses/")).body).toMatchObject({
    default_address_id: added.body.id,
    addresses: [{ title: "公司", place: "新街 2 号" }],
  });
  expect(await as("DELETE", one)).toEqual({ status: 204, body: null });
  expect((await as("DELETE", one)).status).toBe(404);
  expect((await as("GET", "/addresses/")).body).toEqual(none);
  await visitor.leave([refusedRequest]);
});

it("keeps the answers from a page at an address that is not listed, with and without a preflight", async () => {
  const { visitor, page } = await openPage();
  const { token } = await register(page);
  await page.goto(`${strangeSite}/user_center_info.html`);
  // The picture alone is everybody's: an <img> has no origin.
  expect((await draw(page)).width).toBe(120);
  await expect(call(page, "GET", "/mobiles/13800138000/count/")).rejects.toThrow("kept from the page");
  await expect(call(page, "GET", "/user/", undefined, token)).rejects.toThrow("kept from the page");
  await page.goto(`${classicSite}/user_center_info.html`);
  expect((await call(page, "GET", "/user/", undefined, token)).status).toBe(200);
  await visitor.leave([/blocked by CORS policy/, /net::ERR_FAILED/]);
});
