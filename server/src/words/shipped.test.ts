import { expect, test } from "vitest";
import { deceptive } from "../kernel/visible-text.ts";
import { builtInTexts, shippedTexts } from "./built-in.ts";
import { misplaced, placesOf } from "./placeholders.ts";

/**
 * Every text is there in every shipped language. Whoever adds one writes it in Chinese and English; this names the keys
 * that shipped/zh-Hant.json and shipped/ja.json then lack.
 */
const shipped = [...shippedTexts];

test.each(shipped)("%s lacks no text and has none that is gone", (_, texts) => {
  const keys = [...builtInTexts.keys()];
  expect(keys.filter((key) => !texts.has(key))).toEqual([]);
  expect([...texts.keys()].filter((key) => !builtInTexts.has(key))).toEqual([]);
});

test.each(shipped)("%s fills the same places, in texts that show what they hold", (_, texts) => {
  const wrong = [...texts].filter(([key, text]) => {
    const builtIn = builtInTexts.get(key);
    return (
      text.trim() === "" || deceptive.test(text) || (builtIn && misplaced(text, placesOf(builtIn)) !== null)
    );
  });
  expect(wrong).toEqual([]);
});

/** Characters that are written otherwise in Taiwan, of those that the simplified texts are full of. */
const simplifiedOnly = /[们个为这发现请输码邮箱录号设备过关该误绑账户无权级组验证编证没试续络删书两]/;

test("traditional Chinese is not the simplified one", () => {
  const texts = [...(shippedTexts.get("zh-Hant") ?? [])];
  expect(texts.length).toBeGreaterThan(50);
  // 郵 and 箱: 箱 is the same in both.
  expect(texts.filter(([, text]) => simplifiedOnly.test(text.replaceAll("箱", "")))).toEqual([]);
  // Words of the mainland for things that Taiwan calls otherwise.
  expect(
    texts.filter(([, text]) => /賬|登錄|註銷|用戶|網絡|信息|默認|服務器|郵箱|支持|視頻|菜單/.test(text)),
  ).toEqual([]);
});

test("Japanese is Japanese", () => {
  const texts = [...(shippedTexts.get("ja") ?? [])];
  expect(texts.length).toBeGreaterThan(50);
  const withoutKana = texts.filter(
    ([, text]) => text.replace(/\{\w+\}/g, "").length > 12 && !/[\p{sc=Hira}\p{sc=Kana}]/u.test(text),
  );
  expect(withoutKana).toEqual([]);
});
