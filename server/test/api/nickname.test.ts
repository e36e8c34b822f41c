import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makePerson } from "../support/people.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

let third: ThirdPartyTest;
beforeAll(async () => {
  third = await startThirdPartyTest({ env: { RESERVED_USERNAMES: "bigbrand" } });
});
beforeEach(() => third.test.clock.advance(60));
afterAll(() => third.close());

const profileOf = async (token: string) => (await third.test.as(token)({ url: "/user/" })).json();
const patch = (token: string, nickname: unknown) =>
  third.test.as(token)({ method: "PATCH", url: "/user/", payload: { nickname } });
const unbind = (token: string, provider: string) =>
  third.test.as(token)({ method: "DELETE", url: `/user/bindings/${provider}/` });

async function bind(token: string, provider: string, person: string): Promise<void> {
  const { bind_token } = await third.logIn(provider, person);
  const url = `/user/bindings/${provider}/`;
  const answer = await third.test.as(token)({ method: "POST", url, payload: { bind_token } });
  expect(answer.statusCode, answer.body).toBe(201);
}

describe("nickname and picture of the profile", () => {
  it("come after the original's keys, and are null for whom nobody named", async () => {
    const { token } = await makePerson(third.test, "plain01");
    const profile = await profileOf(token);
    expect(Object.keys(profile).slice(0, 5)).toEqual(["id", "username", "mobile", "email", "email_active"]);
    expect(profile).toMatchObject({ nickname: null, avatar_url: null });
  });

  it("are those of the third party that was bound first, until it is removed", async () => {
    const { token } = await makePerson(third.test, "bound01");
    await bind(token, "qq", "penguin");
    third.test.clock.advance(60);
    await bind(token, "github", "xiaomei");
    const first = await profileOf(token);
    expect(first.nickname).toBe("飞翔的企鹅");
    const picture = new URL(first.avatar_url);
    expect(picture.origin + picture.pathname).toBe("http://127.0.0.1:8080/avatar");
    expect(picture.searchParams.get("address")).toMatch(/^https:\/\/thirdqq\.qlogo\.cn\//);
    expect((await unbind(token, "qq")).statusCode).toBe(204);
    const second = await profileOf(token);
    expect(second.nickname).toBe("小美");
    expect(second.avatar_url).toContain(encodeURIComponent("https://avatars.githubusercontent.com/"));
    await unbind(token, "github");
    expect(await profileOf(token)).toMatchObject({ nickname: null, avatar_url: null });
  });

  it("of an account made from a first log-in are there at once", async () => {
    const { token } = await third.createBound("weibo", "emoji", "emoji01");
    expect((await profileOf(String(token))).nickname).toBe("👩‍👩‍👧‍👦🐧 企鹅一家 🇨🇳");
  });

  it("are caught up at a log-in for accounts bound by an earlier version", async () => {
    const { token, user_id } = await third.createBound("qq", "long", "early01");
    await third.test.app.db.kysely
      .updateTable("users")
      .set({ provider_nickname: null, provider_avatar: null })
      .where("id", "=", Number(user_id))
      .execute();
    expect((await profileOf(String(token))).nickname).toBeNull();
    const versionNow = async () => (await third.test.app.users.byId(Number(user_id)))!.version;
    const version = await versionNow();
    third.test.clock.advance(1);
    const again = await third.logIn("qq", "long");
    // As everything that reading the account answers otherwise from then on.
    expect(await versionNow()).toBeGreaterThan(version);
    expect(await profileOf(String(again.token))).toMatchObject({
      nickname: "长".repeat(64),
      avatar_url: expect.stringContaining("/avatar?address=https"),
    });
  });

  it("are none of a picture's host that the site fetches nothing from", async () => {
    const { id, token } = await makePerson(third.test, "faces01");
    const avatar = "https://pictures.attacker.example/x.png";
    await third.test.app.db.transaction((transaction) =>
      third.test.app.users.setProviderFace(transaction, id, [{ nickname: "A", avatar }]),
    );
    expect(await profileOf(token)).toMatchObject({ nickname: "A", avatar_url: null });
  });

  it("of a third party don't speak for the site", async () => {
    const { id, token } = await makePerson(third.test, "faces02");
    const said = [" 客 服 ", "Big-Brand", "admin 小王", "小李"].map((nickname) => ({
      nickname,
      avatar: null,
    }));
    await third.test.app.db.transaction((transaction) =>
      third.test.app.users.setProviderFace(transaction, id, said),
    );
    expect((await profileOf(token)).nickname).toBe("小李");
  });
});

describe("a nickname of one's own", () => {
  it("stands before the third party's, and gives way to it when it is emptied", async () => {
    const { token } = await makePerson(third.test, "chosen01");
    await bind(token, "github", "penguin");
    expect((await patch(token, "  三 哥 🐧 ")).json()).toMatchObject({ nickname: "三 哥 🐧" });
    expect((await profileOf(token)).nickname).toBe("三 哥 🐧");
    expect((await patch(token, "")).json()).toMatchObject({ nickname: "飞翔的企鹅" });
    await patch(token, "三哥");
    expect((await patch(token, null)).json()).toMatchObject({ nickname: "飞翔的企鹅" });
  });

  it("is not chosen by a form that sends back what it showed", async () => {
    const { token } = await makePerson(third.test, "chosen02");
    await bind(token, "weibo", "xiaomei");
    await patch(token, "小美");
    await unbind(token, "weibo");
    expect((await profileOf(token)).nickname).toBeNull();
  });

  it("may be another's, and is never a name to log in by", async () => {
    const [one, other] = [await makePerson(third.test, "twin01"), await makePerson(third.test, "twin02")];
    for (const { token } of [one, other]) expect((await patch(token, "twin nick")).statusCode).toBe(200);
    const payload = { username: "twin nick", password: "12345678aA" };
    const logIn = await third.test.anonymous({ method: "POST", url: "/users/authorizations/", payload });
    expect(logIn.statusCode).toBe(400);
  });

  const reserved = "该昵称会被当作本站人员，请换一个。";
  it.each([
    ["客 服 小王", reserved],
    ["Ａdmin", reserved],
    ["★ 美多 官方 ★", reserved],
    ["ad\u200dmin", reserved],
    ["bigbrand", reserved],
    ["kefu@example", reserved],
    ["x".repeat(51), "请确保这个字段不能超过 50 个字符。"],
    ["a\u202eb", "不能包含不可见的字符或改变文字方向的字符。"],
    ["a\u0007b", "不能包含控制字符。"],
    ["\u0301\u0301", "该字段不能为空。"],
    [["a"], "Not a valid string."],
  ])("%j is refused", async (wanted, text) => {
    const { token } = await makePerson(third.test, `no_${Math.random().toString(36).slice(2, 10)}`);
    const answer = await patch(token, wanted);
    expect([answer.statusCode, answer.json().nickname]).toEqual([400, [text]]);
    expect((await profileOf(token)).nickname).toBeNull();
  });

  it("is seen and changed by staff, who may give any, with both values in the audit log", async () => {
    const { id, token } = await makePerson(third.test, "staffed01");
    const root = await makePerson(third.test, "nickroot", { is_superuser: 1 });
    const url = `/admin/users/${id}/`;
    await patch(token, "before");
    const shown = await third.test.as(root.token)({ url });
    expect(shown.json()).toMatchObject({ nickname: "before" });
    const changed = await third.test.as(root.token)({
      method: "PATCH",
      url,
      payload: { nickname: "客服一号" },
    });
    expect(changed.json()).toMatchObject({ nickname: "客服一号" });
    expect((await profileOf(token)).nickname).toBe("客服一号");
    const audit = (await third.test.as(root.token)({ url: "/admin/audit/" })).json();
    expect(audit.results[0]).toMatchObject({
      before: { nickname: "before" },
      after: { nickname: "客服一号" },
    });
  });
});
