import { expect, it } from "vitest";
import {
  checkCode,
  checkEmail,
  checkMobile,
  checkNewPassword,
  checkUsername,
  tidyCode,
} from "./form-checks.ts";

it.each([
  ["python01", null],
  ["张三丰真人", null],
  ["a.b+c-d_e", null],
  ["abcd", "check.usernameLength"],
  ["a".repeat(21), "check.usernameLength"],
  ["user@name", "check.usernameLetters"],
  ["user name", "check.usernameLetters"],
  ["", "check.required"],
])("user name %j: %s", (name, trouble) => expect(checkUsername(name)).toBe(trouble));

it.each([
  ["a@b.co", null],
  ["john.doe+x@sub.example.co.uk", null],
  ["小明@例子.中国", null],
  ["𠮷野家@例子。中国", null],
  ["佐々木かな@faß.de", null],
  ["иван@qq.com", "check.email"],
  [" a@b.co ", null],
  ["a@b", "check.email"],
  ["a b@c.de", "check.email"],
  ["@c.de", "check.email"],
  ["a@-c.de", "check.email"],
  ["", "check.required"],
])("address %j: %s", (address, trouble) => expect(checkEmail(address)).toBe(trouble));

it("counts characters of a password as people do, and alters none", () => {
  expect(checkNewPassword("👩‍👩‍👧")).toBe("check.passwordLength");
  expect(checkNewPassword("        ")).toBeNull();
  expect(checkNewPassword("a".repeat(128))).toBeNull();
  expect(checkNewPassword("a".repeat(129))).toBe("check.passwordTooLong");
});

it("takes a code as it is pasted", () => {
  expect(tidyCode(" a7k 9q2\n")).toBe("A7K9Q2");
  expect(tidyCode("Ａ７Ｋ９Ｑ２")).toBe("A7K9Q2");
  expect(tidyCode("A7K9Q2X")).toBe("A7K9Q2");
  expect(tidyCode("您正在登录美多，验证码是：\n\n    A7K9Q2\n\n3分钟内有效。")).toBe("A7K9Q2");
  expect(tidyCode("Your verification code is: A7K9Q2. Never tell it")).toBe("A7K9Q2");
  expect(checkCode("A7K9Q")).toBe("check.codeLength");
  expect(checkCode("A7K9Q2")).toBeNull();
});

it.each([
  ["13800138000", null],
  ["12800138000", "check.mobile"],
  ["1380013800", "check.mobile"],
])("mobile %s: %s", (mobile, trouble) => expect(checkMobile(mobile)).toBe(trouble));
