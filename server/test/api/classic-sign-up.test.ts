import { randomUUID } from "node:crypto";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Classic, password, pictureText, startClassic } from "../support/classic.ts";

/** Rows 1 to 4 of the classic contract: pictures, the count of a number, codes by SMS, sign-up by number. */
let site: Classic;
beforeAll(async () => {
  site = await startClassic();
});
afterAll(() => site.test.close());

const withAndWithoutSlash = (path: string) => [path, path.replace(/\/(?=\?|$)/, "")];

describe("row 1, GET /image_codes/<uuid>/", () => {
  it.each(["/image_codes", "/image_code"])(
    "%s is a PNG that nobody keeps, with and without the slash",
    async (base) => {
      for (const url of withAndWithoutSlash(`${base}/${randomUUID()}/`)) {
        const answer = await site.get(url);
        expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "image/png"]);
        expect(answer.headers["cache-control"]).toContain("no-store");
        const bytes = answer.rawPayload;
        expect(bytes.subarray(0, 8).toString("hex")).toBe("89504e470d0a1a0a");
        const at = bytes.indexOf("IDAT");
        const rows = inflateSync(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4)));
        expect(rows).toHaveLength(40 * 121);
      }
    },
  );

  it.each(["abc", "x".repeat(36), `${randomUUID()}0`, randomUUID().slice(1)])(
    "is 404 for the id %s",
    async (id) => {
      const answer = await site.get(`/image_codes/${id}/`);
      expect([answer.statusCode, answer.json().message]).toEqual([404, "未找到。"]);
    },
  );

  it("takes an id in capital letters for the same", async () => {
    const id = randomUUID();
    const query = await site.picture(id);
    const answer = await site.get(`/sms_codes/${site.number()}/?${query.replace(id, id.toUpperCase())}`);
    expect(answer.statusCode, answer.body).toBe(200);
  });
});

describe("row 2, GET /mobiles/<mobile>/count/", () => {
  it("counts a proved number, and not one that somebody merely claims", async () => {
    const { mobile, token } = await site.person();
    const free = site.number();
    for (const url of withAndWithoutSlash(`/mobiles/${mobile}/count/`)) {
      const answer = await site.get(url);
      expect([answer.statusCode, answer.json()]).toEqual([200, { mobile, count: 1 }]);
    }
    expect((await site.get(`/mobiles/${free}/count/`)).json()).toEqual({ mobile: free, count: 0 });
    site.test.clock.advance(61);
    const old_sms_code = await site.test.smsCodeFor(mobile, token);
    const payload = { mobile: free, current_password: password, old_sms_code };
    const claim = await site.test.as(token)({ method: "PATCH", url: "/user/", payload });
    expect(claim.statusCode, claim.body).toBe(200);
    expect((await site.get(`/mobiles/${free}/count/`)).json().count).toBe(0);
  });

  it("is 400 with a message for what is no number", async () => {
    const answer = await site.get("/mobiles/12345678901/count/");
    expect([answer.statusCode, Object.keys(answer.json())]).toEqual([400, ["mobile", "message"]]);
  });
});

describe("row 3, GET /sms_codes/<mobile>/", () => {
  it.each(["/sms_codes", "/sms_code"])("%s takes text and image_code_id, or image_code", async (base) => {
    for (const name of ["text", "image_code"]) {
      for (const slash of ["/", ""]) {
        const query = (await site.picture()).replace("text=", `${name}=`);
        const mobile = site.number();
        const answer = await site.get(`${base}/${mobile}${slash}?${query}`);
        expect([answer.statusCode, answer.json()]).toEqual([200, { message: "OK" }]);
        expect(await site.lastSms(mobile)).toMatch(/^\d{6}$/);
      }
    }
  });

  it.each([
    ["nothing", "", "无效的图片验证码"],
    ["an id that nobody drew", `?text=${pictureText}&image_code_id=${randomUUID()}`, "无效的图片验证码"],
    ["an id that is none", `?text=${pictureText}&image_code_id=17`, "无效的图片验证码"],
    ["a purpose, to get around it", "?send_type=register", "无效的图片验证码"],
    ["another purpose, to get around it", "?send_type=resetpwd", "无效的图片验证码"],
  ])("refuses %s, and sends nothing", async (_, query, text) => {
    const mobile = site.number();
    const answer = await site.get(`/sms_codes/${mobile}/${query}`);
    expect([answer.statusCode, answer.json()]).toEqual([400, { non_field_errors: [text], message: text }]);
    await expect(site.lastSms(mobile)).rejects.toThrow("no SMS");
  });

  it("lets a picture be tried once: a wrong text uses it up, and so does a right one", async () => {
    const query = await site.picture();
    const wrong = await site.get(`/sms_codes/${site.number()}/?${query.replace(/text=\w+/, "text=WWWW")}`);
    expect([wrong.statusCode, wrong.json().non_field_errors]).toEqual([400, ["图片验证码错误"]]);
    const late = await site.get(`/sms_codes/${site.number()}/?${query}`);
    expect(late.json().message).toBe("无效的图片验证码");
    const used = await site.picture();
    expect((await site.get(`/sms_codes/${site.number()}/?${used}`)).statusCode).toBe(200);
    expect((await site.get(`/sms_codes/${site.number()}/?${used}`)).json().message).toBe("无效的图片验证码");
  });

  it("sends one within 60 s: 400 with its text and Retry-After, before and after a picture", async () => {
    const mobile = site.number();
    expect((await site.get(`/sms_codes/${mobile}/?${await site.picture()}`)).statusCode).toBe(200);
    const again = await site.get(`/sms_codes/${mobile}/?${await site.picture()}`);
    expect([again.statusCode, again.json()]).toEqual([400, { message: "频繁发送短信" }]);
    expect(Number(again.headers["retry-after"])).toBeGreaterThan(50);
    // Who has not solved a picture does not learn that somebody asked a moment ago.
    expect((await site.get(`/sms_codes/${mobile}/`)).json().message).toBe("无效的图片验证码");
  });

  it("is 400 for what is no number, and speaks Chinese whatever the browser asks for", async () => {
    const answer = await site.test.anonymous({
      url: "/sms_codes/123/",
      headers: { "accept-language": "en-US,en;q=0.9" },
    });
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { mobile: ["手机号格式错误"], message: "手机号格式错误" },
    ]);
  });
});

describe("row 4, POST /users/", () => {
  const fields = { password, password2: password, allow: "true" };

  it("signs up by number without an address", async () => {
    const mobile = site.number();
    const sms_code = await site.code(mobile);
    const answer = await site.send("POST", "/users/", { ...fields, username: "bynumber1", mobile, sms_code });
    expect(answer.statusCode, answer.body).toBe(201);
    const { id, user_id, token, ...rest } = answer.json();
    expect([id, typeof token, rest]).toEqual([
      user_id,
      "string",
      { username: "bynumber1", mobile, email: "" },
    ]);
    const profile = (await site.get("/user/", token)).json();
    expect(profile).toMatchObject({ username: "bynumber1", mobile, mobile_verified: true });
  });

  it("says what is wrong, by field or as the whole", async () => {
    const { mobile: taken } = await site.person();
    const mobile = site.number();
    const sms_code = await site.code(mobile);
    const ask = async (change: object) => {
      const sent = { ...fields, username: "bynumber2", mobile, sms_code, ...change };
      const answer = await site.send("POST", "/users", sent);
      expect([answer.statusCode, typeof answer.json().message]).toEqual([400, "string"]);
      return answer.json();
    };
    expect(await ask({ mobile: "1234" })).toMatchObject({ mobile: ["手机号格式错误"] });
    expect(await ask({ mobile: taken })).toMatchObject({ mobile: ["具有 手机号 的 用户 已存在。"] });
    expect(await ask({ password2: "87654321aA" })).toMatchObject({ non_field_errors: ["两次密码不一致"] });
    expect(await ask({ mobile: site.number() })).toMatchObject({ non_field_errors: ["无效的短信验证码"] });
    const wrong = sms_code === "000000" ? "000001" : "000000";
    expect(await ask({ sms_code: wrong })).toMatchObject({ non_field_errors: ["短信验证码错误"] });
    expect(await ask({ allow: "false" })).toMatchObject({ allow: ["未同意协议"] });
    // None of it used the code up.
    const sent = { ...fields, username: "bynumber2", mobile, sms_code };
    expect((await site.send("POST", "/users/", sent)).statusCode).toBe(201);
    expect(await ask({ username: "bynumber3" })).toMatchObject({ mobile: ["具有 手机号 的 用户 已存在。"] });
  });
});

describe("a number that its carrier gave to somebody else", () => {
  const day = 86_400_000;
  const fields = { password, password2: password, allow: "true" };
  const rowOf = async (id: number) => (await site.test.app.users.byId(id))!;

  /** Somebody who proved the number and was here so many days ago, with a confirmed address. */
  async function earlierOwner(days: number) {
    const one = await site.person();
    const email = `${one.username}@qq.com`;
    const at = site.test.clock.now() - days * day;
    const set = { mobile_proved_at: at, last_login_at: at, email, email_verified: 1 as const };
    const { kysely } = site.test.app.db;
    await kysely.updateTable("users").set(set).where("id", "=", one.id).execute();
    await kysely.insertInto("login_names").values({ name_key: email, user_id: one.id }).execute();
    return { ...one, email };
  }

  it("is a newcomer's by the pages' own calls; who had it loses it, is told, and keeps the rest", async () => {
    const { id, username, mobile, email } = await earlierOwner(90);
    expect((await site.get(`/mobiles/${mobile}/count/`)).json()).toEqual({ mobile, count: 0 });
    const sms_code = await site.code(mobile);
    const sent = { ...fields, username: "newcomer1", mobile, sms_code };
    const answer = await site.send("POST", "/users/", sent);
    expect(answer.statusCode, answer.body).toBe(201);
    expect(answer.json().user_id).not.toBe(id);
    expect(await rowOf(answer.json().user_id)).toMatchObject({ mobile, proved_mobile: mobile, email: null });
    expect(await rowOf(id)).toMatchObject({ username, email, mobile: null, proved_mobile: null });
    await site.test.runJobs();
    const told = site.test.mailbox.filter(({ to, kind }) => to === email && kind === "mobile_lost");
    expect(told).toHaveLength(1);
    const logIn = (name: string) => site.send("POST", "/authorizations/", { username: name, password });
    expect((await logIn(username)).json().user_id).toBe(id);
    expect((await logIn(mobile)).json().user_id, "by the number").toBe(answer.json().user_id);
  });

  it("stays its owner's a day before, and with a wrong code", async () => {
    const fresh = await earlierOwner(89);
    expect((await site.get(`/mobiles/${fresh.mobile}/count/`)).json().count).toBe(1);
    const sms_code = await site.code(fresh.mobile);
    const sent = { ...fields, username: "newcomer2", mobile: fresh.mobile, sms_code };
    const refused = await site.send("POST", "/users/", sent);
    expect([refused.statusCode, refused.json().mobile]).toEqual([400, ["具有 手机号 的 用户 已存在。"]]);
    const stale = await earlierOwner(90);
    const right = await site.code(stale.mobile);
    const wrong = right === "000000" ? "000001" : "000000";
    const guessed = { ...fields, username: "newcomer3", mobile: stale.mobile, sms_code: wrong };
    expect((await site.send("POST", "/users/", guessed)).json().message).toBe("短信验证码错误");
    expect([(await rowOf(fresh.id)).mobile, (await rowOf(stale.id)).mobile]).toEqual([
      fresh.mobile,
      stale.mobile,
    ]);
  });

  it("a page that can ask says so, and is told that the number has an account", async () => {
    const { id, mobile } = await earlierOwner(90);
    const sms_code = await site.code(mobile);
    const sent = { ...fields, username: "newcomer4", mobile, sms_code, new_account: false };
    const answer = await site.send("POST", "/users/", sent);
    expect([answer.statusCode, answer.json()]).toMatchObject([403, { code: "number_stale" }]);
    expect((await rowOf(id)).mobile).toBe(mobile);
    expect((await site.send("POST", "/users/", { ...sent, new_account: true })).statusCode).toBe(201);
  });
});

describe("with SMS_CAPTCHA=optional", () => {
  let open: Classic;
  beforeAll(async () => {
    open = await startClassic({ env: { SMS_CAPTCHA: "optional" } });
  });
  afterAll(() => open.test.close());

  it("a page without pictures gets its code, and one that sends a picture has it checked", async () => {
    expect((await open.get(`/sms_codes/${open.number()}/`)).statusCode).toBe(200);
    const gone = await open.get(`/sms_codes/${open.number()}/?text=ABCD&image_code_id=${randomUUID()}`);
    expect(gone.json().message).toBe("无效的图片验证码");
  });
});
