import { brotliDecompressSync, gunzipSync } from "node:zlib";
import Fastify from "fastify";
import { expect, test } from "vitest";
import { en } from "../../../web/src/texts/en.ts";
import { zhCN } from "../../../web/src/texts/zh-cn.ts";
import { createWords, ourWords } from "../words/words.ts";
import { createSiteTexts } from "./site-texts.ts";

const page = '<script type="application/json" id="page-languages">{}</script>';
const blockOf = (written: string) => JSON.parse(/>([^<]*)</.exec(written)![1]!);

async function serve(words = ourWords) {
  const texts = createSiteTexts(words);
  const site = Fastify();
  texts.addRoutes(site);
  return { site, block: blockOf(texts.writeInto(page)) };
}

test("the page names the languages, their own names and where their texts are", async () => {
  const { block } = await serve();
  expect(block).toEqual({
    offered: ["zh-Hans 简体中文", "en English", "zh-Hant 繁體中文", "ja 日本語"].map((one) => {
      const [tag, name] = one.split(" ");
      return { tag, name, texts: expect.stringMatching(`^/texts/${tag}\\.[0-9a-f]{8}\\.json$`) };
    }),
    silent: "zh-Hans",
    others: "en",
  });
});

test("each language has the whole of the texts, as they are written", async () => {
  const { site, block } = await serve();
  const read = async (tag: string) =>
    (await site.inject(block.offered.find((one: { tag: string }) => one.tag === tag).texts)).json();
  expect(await read("zh-Hans")).toEqual(JSON.parse(JSON.stringify(zhCN)));
  expect(await read("en")).toEqual(JSON.parse(JSON.stringify(en)));
  const ja = await read("ja");
  expect([ja.logIn.submit, ja.strength.level, ja.terms.sections.length]).toEqual([
    "ログイン",
    ["短すぎる", "弱い", "普通", "良い", "強い"],
    zhCN.terms.sections.length,
  ]);
});

test("a file is kept for a year, compressed, and asked for anew by a page of another release", async () => {
  const { site, block } = await serve();
  const url = block.offered[0].texts;
  const plain = await site.inject({ url });
  expect(plain.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  expect(plain.headers["content-type"]).toBe("application/json; charset=utf-8");
  for (const [accept, read] of [
    ["gzip", gunzipSync],
    ["gzip, br", brotliDecompressSync],
  ] as const) {
    const { headers, rawPayload } = await site.inject({ url, headers: { "accept-encoding": accept } });
    expect([headers.vary, rawPayload.length < plain.rawPayload.length / 2]).toEqual([
      "accept-encoding",
      true,
    ]);
    expect(read(rawPayload).toString()).toBe(plain.body);
  }
  const older = await site.inject({ url: "/texts/zh-Hans.00000000.json" });
  expect([older.statusCode, older.headers["cache-control"], older.body]).toEqual([
    200,
    "no-cache",
    plain.body,
  ]);
  expect((await site.inject({ url: "/texts/fr.00000000.json" })).statusCode).toBe(404);
});

test("an operator's texts are text in the file, and change its name", async () => {
  const own = new Map([["en", new Map([["site.logIn.submit", `</script><img src=x onerror="alert(1)">`]])]]);
  const { site, block } = await serve(createWords({ languages: ["en"], own }));
  expect(block.offered).toHaveLength(1);
  const before = (await serve()).block.offered[1].texts;
  expect(block.offered[0].texts).not.toBe(before);
  const answer = await site.inject(block.offered[0].texts);
  expect(answer.json().logIn.submit).toBe(`</script><img src=x onerror="alert(1)">`);
});
