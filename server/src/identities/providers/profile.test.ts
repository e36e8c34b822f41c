import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanAvatar, cleanNickname, cleanProfile } from "./profile.ts";

test.each([
  ["飞翔的企鹅", "飞翔的企鹅"],
  ["👩‍👩‍👧‍👦\u0007🐧 \u0000企鹅一家\n🇨🇳", "👩‍👩‍👧‍👦🐧 企鹅一家 🇨🇳"],
  ["مرحبا \u202Egnp.exe", "مرحبا gnp.exe"],
  ["  a \t b  ", "a b"],
  ["\uD800x", "x"],
  ["", null],
  [" \u0000\u202E ", null],
  [null, null],
  [12345, null],
])("nickname %j is shown as %j", (raw, shown) => {
  expect(cleanNickname(raw)).toBe(shown);
});

test("a nickname is cut at 64 characters, emoji whole", () => {
  expect(cleanNickname("长".repeat(200))).toBe("长".repeat(64));
  expect(cleanNickname("👍🏽".repeat(70))).toBe("👍🏽".repeat(64));
  expect(cleanNickname(`a${"\u0301".repeat(3000)}`) ?? "").toHaveLength(0);
});

test("no nickname leaves control or direction characters, grows, or throws", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (raw) => {
      const shown = cleanNickname(raw);
      if (shown === null) return;
      expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/u);
      expect(shown.trim()).toBe(shown);
      expect(shown.length).toBeGreaterThan(0);
      expect(shown.length).toBeLessThanOrEqual(256);
    }),
  );
});

test.each([
  ["http://thirdqq.qlogo.cn/g?b=oidb&s=100", "https://thirdqq.qlogo.cn/g?b=oidb&s=100"],
  ["https://avatars.githubusercontent.com/u/1?v=4", "https://avatars.githubusercontent.com/u/1?v=4"],
  ["http://host:8080/a.png", null],
  ["https://user:pass@host/a.png", null],
  ["javascript:alert(1)", null],
  ["data:image/png;base64,AAAA", null],
  ["//host/a.png", null],
  [`https://host/${"a".repeat(600)}`, null],
  [`https://host/${"长".repeat(100)}`, null],
  [{}, null],
])("picture %j becomes %j", (raw, kept) => {
  expect(cleanAvatar(raw)).toBe(kept);
});

test("an e-mail address that is none is dropped", () => {
  const verified = (verifiedEmail: unknown) =>
    cleanProfile({ nickname: "a", avatar: null, verifiedEmail }).verifiedEmail;
  expect(verified("a@example.com")).toBe("a@example.com");
  expect(verified("a b@example.com")).toBeNull();
  expect(verified(7)).toBeNull();
});

test("an address is one by the rule of the forms that it is filled into", () => {
  const address = (verifiedEmail: unknown) =>
    cleanProfile({ nickname: "", avatar: "", verifiedEmail }).verifiedEmail;
  for (const one of ["a@b.example", "张三@例子.中国"]) expect(address(one)).toBe(one);
  for (const none of [undefined, 1, "", "a b@c.example", '"a"@b.example', "<a>@b.example"]) {
    expect(address(none)).toBeNull();
  }
});
