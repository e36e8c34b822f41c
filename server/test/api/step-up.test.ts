import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decideInSandbox } from "../../../sandbox/decide.ts";
import { claimsOf } from "../support/forged-token.ts";
import { makePerson, password, tokenOf } from "../support/people.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { type Callback, startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

let third: ThirdPartyTest;
const lines: string[] = [];
beforeAll(async () => {
  third = await startThirdPartyTest({ logTo: { write: (line) => void lines.push(line) } });
});
afterAll(() => third.close());

const url = "/user/reauthentication/";
const quarter = 901;
let count = 0;
async function person() {
  const username = `stepper${++count}`;
  const email = `${username}@qq.com`;
  return { ...(await makePerson(third.test, username, { email })), email };
}
const call = (method: "POST" | "DELETE" | "PUT" | "GET", path: string, token: string, more: object = {}) =>
  third.test.as(token)({ method, url: path, ...more });
const prove = (token: string, payload: object) => call("POST", url, token, { payload });
const endOthers = (token: string, headers = {}) => call("DELETE", "/user/sessions/", token, { headers });
const withProof = (proof: string) => ({ "x-meiduo-proof": proof });
const proofFor = async (token: string, action: string, shown: object = { password }) =>
  String((await prove(token, { ...shown, action })).json().proof);
const stale = () => third.test.clock.advance(quarter);

/** Through the provider, for what `begin` answered. */
async function comeBack(begun: { json(): { login_url: string } }, who: string): Promise<Callback> {
  const { answer } = await decideInSandbox(begun.json().login_url, {
    person: who,
    trouble: "",
    decision: "allow",
  });
  const parameters = new URL(answer.headers.get("location") ?? "").searchParams;
  return { code: parameters.get("code")!, state: parameters.get("state")!, cookie: "", parameters, page: "" };
}

describe("a session that is not recent", () => {
  it("is asked to prove itself, and then goes on for a quarter of an hour", async () => {
    const { token } = await person();
    expect((await endOthers(token)).statusCode, "a fresh log-in").toBe(200);
    stale();
    const refused = await endOthers(token);
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toEqual({
      message: "为了账号安全，请先确认是您本人（或重新登录）再试。",
      code: "reauthentication_required",
      action: "sessions",
      methods: ["password", "email_code", "log_in"],
      providers: [],
      email: expect.stringMatching(/^s\*\*\*@qq\.com$/),
      max_age: 900,
    });
    expect(refused.headers["www-authenticate"]).toMatch(
      /error="insufficient_user_authentication".*max_age="900"/,
    );
    expect((await prove(token, { password: "wrong" })).json()).toMatchObject({
      current_password: ["密码错误"],
    });
    expect((await call("GET", url, token)).json()).toMatchObject({ recent: false });
    expect((await prove(token, { password })).json()).toEqual({ message: "OK", expires_in: 900 });
    expect((await call("GET", url, token)).json()).toMatchObject({ recent: true, max_age: 900 });
    expect((await endOthers(token)).statusCode).toBe(200);
    stale();
    expect((await endOthers(token)).statusCode).toBe(403);
  });

  it("gets RFC 9470's answer where it comes by Bearer, and every field in problem+json", async () => {
    const { token } = await person();
    stale();
    const bearer = await third.test.anonymous({
      ...{ method: "DELETE", url: "/user/sessions/" },
      headers: { authorization: `Bearer ${token}`, accept: "application/problem+json" },
    });
    expect(bearer.statusCode).toBe(401);
    expect(bearer.json()).toMatchObject({ code: "reauthentication_required", methods: expect.any(Array) });
    expect(bearer.headers["www-authenticate"]).toContain('error="insufficient_user_authentication"');
  });

  it("is never asked to end itself or everything", async () => {
    const { token, username } = await person();
    const other = await tokenOf(third.test, username);
    stale();
    const own = `/user/sessions/${String(claimsOf(token).sid)}/`;
    const others = `/user/sessions/${String(claimsOf(other).sid)}/`;
    expect((await call("DELETE", others, token)).statusCode).toBe(403);
    expect((await call("DELETE", own, token)).statusCode).toBe(204);
    expect((await call("POST", "/user/tokens/end/", other)).statusCode).toBe(200);
  });

  it("has what it showed in no log", async () => {
    const { token } = await person();
    const proof = await proofFor(token, "sessions");
    expect(lines.join("")).toContain("proved themselves again");
    expect(lines.join("")).not.toContain(proof);
    expect(lines.join("")).not.toContain(password);
  });
});

describe("a proof for one call", () => {
  it("works once, for its action, in its session, under its credentials, for ten minutes", async () => {
    const { token, username } = await person();
    const other = await tokenOf(third.test, username);
    stale();
    const remove = (who: string, proof: string) =>
      call("DELETE", "/user/bindings/qq/", who, { headers: withProof(proof) });
    const notRecent = async (proof: string, who = token) => {
      stale();
      return (await remove(who, proof)).statusCode;
    };
    const once = await proofFor(token, "bindings");
    expect((await remove(token, once)).statusCode, "no binding is there").toBe(404);
    expect(await notRecent(once), "again, and too late").toBe(403);
    const elsewhere = await proofFor(token, "bindings");
    expect((await remove(other, elsewhere)).statusCode, "another session").toBe(403);
    const wrong = await proofFor(token, "sessions");
    third.test.clock.advance(500);
    await third.test.app.db.kysely.updateTable("sessions").set({ proved_at: 0 }).execute();
    expect((await remove(token, wrong)).statusCode, "another action").toBe(403);
    expect((await remove(token, "x".repeat(32))).statusCode, "a guess").toBe(403);
  });

  it("adds a new address where nothing else of the call shows its owner", async () => {
    const { token, id } = await person();
    await third.test.app.db.kysely
      .updateTable("users")
      .set({ password_hash: "!" })
      .where("id", "=", id)
      .execute();
    const email = `new${count}@qq.com`;
    const email_code = await third.test.codeFor(email, "changeEmail", token);
    const change = (headers = {}) =>
      call("PUT", "/user/email/", token, { payload: { email, email_code }, headers });
    const refused = await change();
    expect([refused.statusCode, refused.json().action], "a fresh log-in alone").toEqual([403, "email"]);
    await call("POST", `${url}email-code/`, token, { payload: { action: "email" } });
    await third.test.runJobs();
    const shown = { email_code: codeIn(codeMail().text) };
    const answer = await change(withProof(await proofFor(token, "email", shown)));
    expect(answer.json()).toMatchObject({ email });
  });
});

const codeMail = () => third.test.mailbox.findLast(({ subject }) => subject.includes("本人确认"))!;
const codeIn = (text: string) => /^ *([2-9A-HJKMNP-Z]{6})$/m.exec(text)![1]!;

describe("a code by mail", () => {
  it("names the action, counts for it alone, once, and does not make the session recent", async () => {
    const { token, email } = await person();
    stale();
    const asked = await call("POST", `${url}email-code/`, token, { payload: { action: "bindings" } });
    expect(asked.json()).toEqual({ message: "OK" });
    await third.test.runJobs();
    const mail = codeMail();
    expect(mail.to).toBe(email);
    expect(mail.text).toContain("正要更改绑定的第三方账号");
    const email_code = codeIn(mail.text);
    expect((await prove(token, { email_code })).json()).toMatchObject({ action: expect.any(Array) });
    expect((await prove(token, { email_code, action: "sessions" })).statusCode, "another action").toBe(400);
    const proof = await proofFor(token, "bindings", { email_code });
    expect((await endOthers(token)).statusCode).toBe(403);
    expect((await prove(token, { email_code, action: "bindings" })).statusCode, "again").toBe(400);
    const removal = await call("DELETE", "/user/bindings/qq/", token, { headers: withProof(proof) });
    expect(removal.statusCode).toBe(404);
  });

  it("goes to a confirmed address alone", async () => {
    const { token, id } = await person();
    await third.test.app.db.kysely
      .updateTable("users")
      .set({ email_verified: 0 })
      .where("id", "=", id)
      .execute();
    const asked = await call("POST", `${url}email-code/`, token, { payload: { action: "bindings" } });
    expect([asked.statusCode, asked.json().methods]).toEqual([403, ["password", "log_in"]]);
  });
});

describe("an account with a second factor", () => {
  it("steps up by it, never by its password, its mail or its third party", async () => {
    const { token, username } = await person();
    const { next, recoveryCodes } = await switchOnSecondFactor(third.test, username);
    const refused = await endOthers(token);
    expect(refused.json().methods, "the log-in of before had none").toEqual([
      "totp",
      "recovery_code",
      "log_in",
    ]);
    expect((await prove(token, { password })).statusCode).toBe(403);
    expect(
      (await call("POST", `${url}email-code/`, token, { payload: { action: "email" } })).statusCode,
    ).toBe(403);
    const begun = await call("POST", `${url}authorization/`, token, { payload: { provider: "qq" } });
    expect(begun.statusCode).toBe(403);
    expect((await prove(token, { code: "000000" })).statusCode).toBe(400);
    expect((await prove(token, { code: next() })).statusCode).toBe(200);
    expect((await endOthers(token)).statusCode).toBe(200);
    stale();
    const proof = await proofFor(token, "sessions", { code: recoveryCodes[0] });
    expect((await endOthers(token, withProof(proof))).statusCode).toBe(200);
  });

  it("is not changed by the present password alone, but by both halves within the quarter", async () => {
    const { token, username } = await person();
    const { next } = await switchOnSecondFactor(third.test, username);
    const change = {
      current_password: password,
      password: "three quiet lanterns",
      password2: "three quiet lanterns",
    };
    const put = () => call("PUT", "/user/password/", token, { payload: change });
    const refused = await put();
    expect([refused.statusCode, refused.json().action]).toEqual([403, "password"]);
    await prove(token, { code: next() });
    const answer = await put();
    expect(answer.statusCode, answer.body).toBe(200);
    expect((await endOthers(answer.json().token)).statusCode, "its session goes on with the factor").toBe(
      200,
    );
  });

  it("is not asked again by the session that switched it on", async () => {
    const { token } = await person();
    const { secret } = (await call("POST", "/user/second-factor/", token, { payload: {} })).json();
    const { appCode } = await import("../support/second-factor.ts");
    const code = appCode(secret, third.test.clock.now());
    expect(
      (await call("POST", "/user/second-factor/confirm/", token, { payload: { code } })).statusCode,
    ).toBe(200);
    expect((await endOthers(token)).statusCode).toBe(200);
  });
});

describe("somebody who only has a third party", () => {
  it("proves themselves there, as the person who is bound and nobody else", async () => {
    const { token } = (await third.createBound("qq", "penguin", "onlyqq")) as { token: string };
    stale();
    const refused = await endOthers(token);
    expect(refused.json()).toMatchObject({ methods: ["provider", "log_in"], providers: ["qq"], email: null });
    const begin = (provider = "qq") => call("POST", `${url}authorization/`, token, { payload: { provider } });
    const finish = ({ code, state }: Callback, more = {}) =>
      prove(token, { provider: "qq", code, state, ...more });
    const stranger = await finish(await comeBack(await begin(), "emoji"));
    expect([stranger.statusCode, stranger.json().message]).toEqual([
      400,
      "这个QQ账号没有绑定到您的账号，不能用来确认。",
    ]);
    expect((await finish(await third.authorize("qq", { person: "penguin" }))).statusCode, "of a log-in").toBe(
      400,
    );
    const toBind = await third.authorize("qq", { person: "penguin", token });
    expect((await finish(toBind)).statusCode, "of adding a binding").toBe(400);
    const right = await comeBack(await begin(), "penguin");
    expect((await finish(right)).statusCode).toBe(200);
    expect((await finish(right)).statusCode, "again").toBe(400);
    expect((await endOthers(token)).statusCode).toBe(200);
    const logIn = await third.finish("qq", await comeBack(await begin(), "penguin"));
    expect([logIn.statusCode, logIn.json().token], "it logs nobody in").toEqual([400, undefined]);
  });
});
