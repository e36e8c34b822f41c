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
  ["\u200d\ufe0f\u200d", null],
  ["\u0301\u0302", null],
  ["\u2800\u2800", null],
  ["❤️", "❤️"],
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

test.each([
  ["a@example.com", "a@example.com"],
  [" A.b+c@Example.COM ", "A.b+c@example.com"],
  ["张三@xn--fsqu00a.xn--fiqs8s", "张三@例子.中国"],
  ["张三@例子。中国", "张三@例子.中国"],
  ["a\0b@x.cn", null],
  ["a\u202eb@x.cn", null],
  ["a\u200bb@x.cn", null],
  ["a b@example.com", null],
  ["a@b@example.com", null],
  ["Bob <bob@example.com>", null],
  ["<script>@example.com", null],
  ["a@exa_mple.com", null],
  ["a@127.0.0.1/x", null],
  [`${"x".repeat(65)}@example.com`, null],
  [`${"x".repeat(64)}@${Array(9).fill("例".repeat(15)).join(".")}.com`, null],
  ["", null],
  [7, null],
  [["a@example.com"], null],
])("an address of a provider passes the rule of the forms: %j becomes %j", (raw, kept) => {
  expect(cleanProfile({ nickname: "a", avatar: null, verifiedEmail: raw }).verifiedEmail).toBe(kept);
});
