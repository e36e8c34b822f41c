import { describe, expect, it } from "vitest";
import { problemOf } from "./account-field.ts";
import { madeUsername } from "./made-username.ts";
import { createReservedUsernames } from "./reserved-usernames.ts";
import { username } from "./username.ts";

const reserved = createReservedUsernames(["acme"]);

describe("a user name made from an address", () => {
  it.each([
    ["zhang.san@example.com", "zhang.san"],
    ["Zhang.San+shop@example.com", "Zhang.San"],
    ["张三丰不见了@例子.中国", "张三丰不见了"],
    ["a!b#c$d%e@example.com", "abcde"],
    [`${"x".repeat(64)}@example.com`, "x".repeat(20)],
    ["_under_score_@example.com", "under_score"],
  ])("of %s is %s", (email, name) => {
    expect(madeUsername(email, reserved, 0)).toBe(name);
  });

  it.each([
    "admin@example.com",
    "support@example.com",
    "acme@example.com",
    "ab@example.com",
    "13800138000@qq.com",
    "客服001@qq.com",
  ])("is none of those that nobody may choose: %s", (email) => {
    expect(madeUsername(email, reserved, 0)).toMatch(/^user\d{8}$/);
  });

  it("keeps the rule of a chosen one, whatever the address and the attempt", () => {
    const emails = [
      "zhang.san@a.cn",
      `${"x".repeat(64)}@a.cn`,
      "admin1@a.cn",
      "1380013800@a.cn",
      "é́́́́́́a@a.cn",
      "+@a.cn",
      "--a--b--@a.cn",
    ];
    for (const email of emails) {
      for (let attempt = 0; attempt < 8; attempt++) {
        const name = madeUsername(email, reserved, attempt);
        expect([email, name, problemOf(username, username.person(reserved), name)]).toEqual([
          email,
          name,
          null,
        ]);
      }
    }
  });

  it("is another one at each attempt", () => {
    const names = [0, 1, 2, 3, 4, 5].map((attempt) =>
      madeUsername("zhangsan@example.com", reserved, attempt),
    );
    expect(new Set(names).size).toBeGreaterThan(4);
    expect(names.slice(1).every((name) => /^zhangsan\d{3,6}$/.test(name))).toBe(true);
  });
});
