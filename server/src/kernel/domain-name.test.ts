import { describe, expect, it } from "vitest";
import { canonicalDomain, readableDomain } from "./domain-name.ts";
import { checkEmail, normalizeEmail, readableEmail } from "./email-address.ts";
import { nameKey, nameKeys } from "./name-key.ts";

describe("domains", () => {
  it.each([
    ["例子.中国", "xn--fsqu00a.xn--fiqs8s"],
    ["例子。中国", "xn--fsqu00a.xn--fiqs8s"],
    ["XN--FSQU00A.xn--fiqs8s", "xn--fsqu00a.xn--fiqs8s"],
    ["ｑｑ.com", "qq.com"],
    ["QQ.Com", "qq.com"],
    ["faß.de", "xn--fa-hia.de"],
    // As addresses of machines these would be read as 127.0.0.1.
    ["127。1", "127.1"],
    ["１２７.1", "127.1"],
    ["例.1", null],
    ["例%41.com", null],
    ["例/b.com", null],
    ["例..com", null],
    ["-例.com", "xn----lb7a.com"],
    ["a b.com", null],
    ["例\u202e.com", null],
    ["", null],
    ["例".repeat(300), null],
  ])("%j: %s", (domain, canonical) => expect(canonicalDomain(domain)).toBe(canonical));

  it.each([
    ["xn--fsqu00a.xn--fiqs8s", "例子.中国"],
    ["qq.com", "qq.com"],
    // аpple.com with a Cyrillic а stays as it is.
    ["xn--pple-43d.com", "xn--pple-43d.com"],
    ["xn--a", "xn--a"],
    // qq.com⁄x.example, and one with a sign that looks like a colon.
    ["qq.xn--comx-2g7a.example", "qq.xn--comx-2g7a.example"],
    ["qq.xn--comx-id9a.example", "qq.xn--comx-id9a.example"],
    ["qq.xn--com8080-bj3z.example", "qq.xn--com8080-bj3z.example"],
    ["xn--ll-0ea.cat", "l·l.cat"],
  ])("%s is read %s", (domain, readable) => expect(readableDomain(domain)).toBe(readable));
});

describe("addresses", () => {
  it.each(["张三", "㐀", "𠮷野家", "佐々木", "さくら", "サクラー", "ㄅㄆ", "김철수", "か\u3099"])(
    "%s is a local part",
    (name) => {
      expect(checkEmail(`${name}@qq.com`)).toBeNull();
      expect(checkEmail(`${name}@例子.中国`)).toBeNull();
    },
  );

  it.each(["иван", "١٢", "a\u0301", "、", "「a」", "a\u200db", "\uffa0x", "㍿", "張\ufe00", ""])(
    "%j is none",
    (name) => expect(checkEmail(`${name}@qq.com`)).toBe("invalid_email"),
  );

  it("has one form in which it is stored and one in which it is found", () => {
    const stored = "x@xn--fsqu00a.xn--fiqs8s";
    for (const typed of ["x@例子.中国", "x@例子。中国", "x@XN--FSQU00A.xn--fiqs8s"]) {
      expect(normalizeEmail(typed)).toBe(stored);
      expect(nameKey(typed)).toBe(stored);
      expect([...nameKeys(typed)].sort()).toEqual([stored, "x@例子.中国"]);
    }
    expect(nameKey("Ｘ＠例子.中国")).toBe(stored);
    expect(readableEmail(stored)).toBe("x@例子.中国");
    expect(normalizeEmail("か\u3099@QQ.com")).toBe("が@qq.com");
    expect(nameKeys("全民Python")).toEqual(["全民python"]);
  });

  it.each([
    ["x@faß.de", "x@fass.de"],
    ["x@βόλος.gr", "x@βόλοσ.gr"],
    ["x@نامه\u200cای.com", "x@نامهای.com"],
    ["x@क्\u200dष.com", "x@क्ष.com"],
  ])("%s shares no key with %s, in any writing", (one, other) => {
    const all = (address: string) => [address, normalizeEmail(address)].flatMap((form) => nameKeys(form));
    expect(all(one).filter((key) => all(other).includes(key))).toEqual([]);
    expect(nameKeys(one)).toContain(normalizeEmail(one));
    expect(nameKeys(normalizeEmail(one))).toContain(normalizeEmail(one));
  });

  it("is too long where its stored form is", () => {
    const label = "例".repeat(15);
    expect(checkEmail(`x@${[label, label, label, label, label, label].join(".")}.com`)).toBeNull();
    expect(checkEmail(`${"x".repeat(64)}@${Array(9).fill(label).join(".")}.com`)).toBe("invalid_email");
  });
});
