import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problemOf } from "../../src/accounts/account-field.ts";
import { createReservedUsernames } from "../../src/accounts/reserved-usernames.ts";
import { username } from "../../src/accounts/username.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** One rule for user names, whichever door they come through. */
let third: ThirdPartyTest;
let root: Person;
let other: Person;
beforeAll(async () => {
  third = await startThirdPartyTest({ env: { RESERVED_USERNAMES: "bigbrand, 美多小助手" } });
  root = await makePerson(third.test, "rootuser", { is_superuser: 1, email: "root@example.com" });
  other = await makePerson(third.test, "otherone");
});
afterAll(() => third.close());

let people = 0;
const signUp = async (username: string) => {
  const email = `person${++people}@qq.com`;
  const email_code = await third.test.codeFor(email);
  const payload = { username, email, email_code, password, password2: password, allow: "true" };
  return third.test.anonymous({ method: "POST", url: "/users/", payload });
};
const count = (username: string) =>
  third.test.anonymous({ url: `/users/usernames/${encodeURIComponent(username)}/count/` });
const add = async (username: string) => {
  const { bind_token } = await third.logIn("qq", "emoji");
  const payload = { bind_token, username };
  return third.test.anonymous({ method: "POST", url: "/oauth/qq/account/", payload });
};
const rename = (username: string) =>
  third.test.as(root.token)({ method: "PATCH", url: `/admin/users/${other.id}/`, payload: { username } });

const refused: [string, RegExp][] = [
  ["......", /合法用户名/],
  ["_-+._", /合法用户名/],
  ["\u0301\u0302\u0303\u0304\u0305", /合法用户名/],
  ["a\u0335\u0336\u0337\u0338\u0335\u0336bcd", /合法用户名/],
  ["ab.\u0335cde", /合法用户名/],
  ["ˈˈˈˈˈ", /合法用户名/],
  ["ーーーーー", /合法用户名/],
  ["ｰｰｰｰｰ", /合法用户名/],
  ["ǃǀǁǂǃ", /合法用户名/],
  ["ʼ-ʻ-ʼ", /合法用户名/],
  ["ab\u200bcde", /合法用户名/],
  ["pаypal", /容易混淆/],
  ["全民рython", /容易混淆/],
  ["abc1\u0662\u0663", /容易混淆/],
];
const refusedToPeople: [string, RegExp][] = [
  ["ADMIN", /保留/],
  ["ad.min", /保留/],
  ["adm1n", /保留/],
  ["ａｄｍｉｎ", /保留/],
  ["ádmin", /保留/],
  ["support_", /保留/],
  ["美多官方客服", /保留/],
  ["big-brand", /保留/],
  ["美多小助手", /保留/],
  ["admin1", /保留/],
  ["1admin", /保留/],
  ["4dm1n-99", /保留/],
  ["kefu1", /保留/],
  ["ＫｅＦｕ０１", /保留/],
  ["kefu_xiaowang", /保留/],
  ["AdminZhang", /保留/],
  ["support24h", /保留/],
  ["meiduo_official", /保留/],
  ["official_meiduo", /保留/],
  ["meiduoofficial", /保留/],
  ["meiduo88", /保留/],
  ["customer_service_li", /保留/],
  ["bigbrand2", /保留/],
  ["美多小助手01", /保留/],
  ["客-服小王", /保留/],
  ["小王客.服", /保留/],
  ["官_方小店", /保留/],
  ["官1方小店", /保留/],
  ["客ー服小王", /保留/],
  ["管-理-员01", /保留/],
  ["Admin张三", /保留/],
  ["小美kefu", /保留/],
  ["adm1n1小张", /保留/],
  ["소라Support", /保留/],
  ["ᴀᴅᴍɪɴ", /保留/],
  ["ꜱᴜᴘᴘᴏʀᴛ", /保留/],
  ["ɑdmin", /保留/],
  ["adrnin", /保留/],
  ["美多商城01", /保留/],
  ["系统-001", /保留/],
  ["13800138000", /手机号/],
  ["138-0013-8000", /手机号/],
  ["+8613800138000", /手机号/],
  ["１３８００１３８０００", /手机号/],
  ["١٣٨٠٠١٣٨٠٠٠", /手机号/],
  ["١٣٨-٠٠١٣-٨٠٠٠", /手机号/],
  ["१३८००१३८०००", /手机号/],
  ["一三八〇〇一三八〇〇〇", /手机号/],
  ["138ー0013ー8000", /手机号/],
];

describe("a name that imitates", () => {
  it.each([...refused, ...refusedToPeople])("%j can't be chosen, at any door", async (name, text) => {
    for (const door of [signUp, add, count]) {
      const answer = await door(name);
      expect(answer.statusCode, `${door.name} ${answer.body}`).toBe(400);
      expect(answer.json().username[0]).toMatch(text);
    }
  });

  it.each(refused)("%j is refused to administrators too", async (name, text) => {
    const answer = await rename(name);
    expect(answer.statusCode, answer.body).toBe(400);
    expect(answer.json().username[0]).toMatch(name.includes("\u200b") ? /不可见/ : text);
  });

  it.each(["support", "13800138000", "b1@例子.中国"])("%s can be given by an administrator", async (name) => {
    const answer = await rename(name);
    expect(answer.statusCode, answer.body).toBe(200);
    expect(answer.json().username).toBe(name);
  });

  it.each([
    "全民python",
    "全民badminton",
    "小王supporter",
    "系统工程师小王",
    "python.01",
    "张三丰真人",
    "Пётр-1",
    "12345",
    "administer",
    "administrate99",
    "badminton1",
    "supporter_7",
    "rootbeer",
    "root_beer",
    "system_of_a_down",
    "meiduo_fan",
    "unofficial",
    "bigbrand_fan",
    "服务员小方",
    "ーサクラー",
    "O'Brien".replace("'", "ʼ"),
    "١٢٣٤٥",
    "一三八〇〇",
    "桜さくらサクラ",
    "1380013800012",
  ])("%s can be chosen, and then it is taken", async (name) => {
    expect((await count(name)).json()).toEqual({ username: name, count: 0 });
    expect((await signUp(name)).statusCode).toBe(201);
    expect((await count(name)).json()).toEqual({ username: name, count: 1 });
  });
});

describe("the length of a name", () => {
  const decomposed = "e\u0301".repeat(20);
  it("is that of the stored form, at every door", async () => {
    // Seven ligatures of three letters; twenty letters in forty characters.
    for (const door of [signUp, add, count]) {
      const answer = await door("ﬃ".repeat(7));
      expect(answer.statusCode, `${door.name} ${answer.body}`).toBe(400);
    }
    expect((await count(decomposed)).statusCode).toBe(200);
    const made = await add(decomposed);
    expect(made.statusCode, made.body).toBe(201);
    expect(made.json().username).toBe("é".repeat(20));
    expect((await signUp(decomposed)).json().username).toEqual(["已存在一位使用该名字的用户。"]);
  });

  it("never passes the columns it is folded into", async () => {
    for (const name of ["ß".repeat(128), "ﷺ".repeat(20), "ŉ".repeat(140)]) {
      const answer = await rename(name);
      expect(answer.statusCode, answer.body).toBe(400);
    }
    const names = { first_name: "ß".repeat(128), last_name: "𠮷".repeat(150) };
    const answer = await third.test.as(root.token)({ method: "PATCH", url: "/user/", payload: names });
    expect(answer.statusCode, answer.body).toBe(200);
    expect(answer.json()).toMatchObject(names);
    const searched = await third.test.as(root.token)({
      url: `/admin/users/?search=${encodeURIComponent("ß".repeat(254))}`,
    });
    expect(searched.statusCode).toBe(200);
  });
});

it("a name far too long is not looked through for reserved words, whatever it is made of", () => {
  const { check } = username.person({ has: (name) => expect.fail(`asked of ${[...name].length} letters`) });
  for (const name of ["a.".repeat(40), "aA".repeat(11), "⒈".repeat(11), "𠮷".repeat(21)]) {
    expect(problemOf(username, { ...username.operator, maxLength: 20, check }, name)?.code, name).toBe(
      "too_long",
    );
  }
});

it("words of the setting that make up each other are looked for without trying every way", () => {
  const reserved = createReservedUsernames(["z", "zz", "zzz", "zzzz"]);
  expect(reserved.has("z".repeat(32))).toBe(true);
  expect(reserved.has(`${"z".repeat(32)}x`)).toBe(false);
});

it("an administrator's rename stores the name as a sign-up would", async () => {
  const answer = await rename("Ｆｕｌｌ.ｗｉｄｔｈ");
  expect(answer.json().username).toBe("Full.width");
});

it("a form may send back an imported name that nobody could choose", async () => {
  const imported = await makePerson(third.test, "Bob Smith", {});
  const answer = await third.test.as(root.token)({
    method: "PATCH",
    url: `/admin/users/${imported.id}/`,
    payload: { username: "Bob Smith", first_name: "Bob" },
  });
  expect(answer.statusCode, answer.body).toBe(200);
});

it.each(["\u202etxt.exe", "a\u200bb", "a\u2066b", "\u0085x"])(
  "%j is no part of a person's name",
  async (name) => {
    for (const url of ["/user/", `/admin/users/${root.id}/`]) {
      for (const field of ["first_name", "last_name"]) {
        const answer = await third.test.as(root.token)({ method: "PATCH", url, payload: { [field]: name } });
        expect(answer.statusCode, answer.body).toBe(400);
        expect(Object.keys(answer.json())).toEqual([field, "message"]);
      }
    }
  },
);

it("whoever has a name that nobody can choose any more goes on logging in by it", async () => {
  for (const name of ["kefu1", "客-服小王", "ーーーーー", "١٣٨٠٠١٣٨٠٠٠"]) {
    const { id } = await makePerson(third.test, name, {});
    const payload = { username: name, password };
    const answer = await third.test.anonymous({ method: "POST", url: "/users/authorizations/", payload });
    expect(answer.json(), name).toMatchObject({ user_id: id, username: name });
    const url = `/admin/users/${id}/`;
    const sentBack = { username: name, first_name: "Bob" };
    const changed = await third.test.as(root.token)({ method: "PATCH", url, payload: sentBack });
    expect(changed.statusCode, changed.body).toBe(200);
  }
});
