import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isCommonPassword } from "./common-passwords.ts";
import { passwordProblem } from "./password-policy.ts";

const account = { username: "python01", email: "44@qq.com", mobile: "13800000001" };

describe("passwords that people of the tutorial have stay acceptable", () => {
  test.each(["12345678aA", "bindpass1", "87654321Bb", "密码测试密码测试", "pa'ss\"\\word", " 12345678aA "])(
    "%s",
    (password) => expect(passwordProblem(password, account)).toBeNull(),
  );

  test("adminpass1 of admin", () => {
    expect(passwordProblem("adminpass1", { username: "admin", email: "admin@qq.com" })).toBeNull();
  });

  test("bindpass1 of an account named by its address", () => {
    expect(passwordProblem("bindpass1", { username: "b1@qq.com", email: "b1@qq.com" })).toBeNull();
  });
});

test("digits alone are no reason to refuse a password", () => {
  for (const password of ["042917386150", "739105826417", "00739105", "314159265358979"]) {
    expect(passwordProblem(password), password).toBeNull();
  }
});

describe("length", () => {
  test("is counted in characters, not in UTF-16 units", () => {
    expect(passwordProblem("😀🎉🚀🍎🐼🎸🌊")).toMatchObject({ code: "too_short", parameters: { min: 8 } });
    expect(passwordProblem("😀🎉🚀🍎🐼🎸🌊🔥")).toBeNull();
    expect(passwordProblem("😀🎉🚀🍎🐼🎸🌊🔥".repeat(16))).toBeNull();
  });

  test("ends at 128", () => {
    const long = "correct horse battery staple ".repeat(5);
    expect(passwordProblem(long.slice(0, 128))).toBeNull();
    expect(passwordProblem(long.slice(0, 129))).toEqual({
      field: "password",
      code: "too_long",
      parameters: { max: 128 },
    });
    expect(passwordProblem("x".repeat(5_000_000))).toMatchObject({ code: "too_long" });
  });
});

describe("refused as common", () => {
  test.each([
    "12345678",
    "87654321",
    "1234567890",
    "password",
    "PassWord1",
    "woaini1314",
    "aaaaaaaa",
    "12121212",
    "abcabcabc",
    "qwertyuiop",
    "poiuytrewq",
    "1qaz2wsx",
    "zxcvbnm1",
    "5201314520",
    // Birthdays, mobile numbers, QQ numbers.
    "19900101",
    "1990-01-01",
    "1990年01月01日",
    "1990年1月1日",
    "1990.1.1",
    "1990-1-1",
    "1/2/1990",
    "１９９００１０１",
    "008613800138000",
    "01011990",
    "31/12/1985",
    "13800138000",
    "+8613800138000",
    "8613800138000",
    "138-0013-8000",
    "84830511",
    "3119908003",
  ])("%s", (password) => expect(passwordProblem(password)).toMatchObject({ code: "password_too_common" }));
});

describe("the list of common passwords", () => {
  const listed = readFileSync(new URL("common-passwords.txt", import.meta.url), "utf8")
    .trim()
    .split("\n");

  test("has more than the 3,000 that OWASP ASVS 6.2.4 asks for, all within the policy's length", () => {
    expect(new Set(listed).size).toBeGreaterThan(8_000);
    expect(listed.filter((word) => word.length < 8 || word !== word.toLowerCase())).toEqual([]);
  });

  test("refuses every word of it, in any case, and no part or pair of them", () => {
    for (const word of listed) expect(isCommonPassword(word), word).toBe(true);
    expect(isCommonPassword(listed.at(-1)!.toUpperCase())).toBe(true);
    expect(isCommonPassword(`${listed[0]}\n${listed[1]}`)).toBe(false);
    expect(isCommonPassword("correct horse battery staple")).toBe(false);
    const rare = listed.find((word) => !listed.includes(word.slice(1)))!;
    expect(isCommonPassword(rare.slice(1))).toBe(false);
  });
});

describe("refused as resembling the account", () => {
  test.each([
    ["python01", { username: "python01" }],
    ["Python01!", { username: "python01" }],
    ["10nohtyp", { username: "python01" }],
    ["python01@qq.com", { email: "python01@qq.com" }],
    ["zhangsan1988", { email: "zhangsan1988@example.com" }],
    ["x13800000001", { mobile: "13800000001" }],
    ["ｐｙｔｈｏｎ０１", { username: "python01" }],
  ])("%s", (password, words) =>
    expect(passwordProblem(password, words)).toMatchObject({ code: "password_resembles_account" }),
  );

  test("not a short name inside a long password", () => {
    expect(passwordProblem("lived in a yellow submarine", { username: "submarine" })).toBeNull();
  });
});

test("names the field it is given", () => {
  expect(passwordProblem("short", {}, "new_password")?.field).toBe("new_password");
});
