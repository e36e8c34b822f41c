import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type ImitatedS3, type S3Trouble, startImitatedS3 } from "../../../test/support/imitated-s3.ts";
import { readConfig } from "../../config/config.ts";
import { checkPictures } from "./picture-check.ts";

/** What the doctor finds of the store of pictures: one that answers and doesn't work is no good one. */
const folder = mkdtempSync(join(tmpdir(), "meiduo-doctor-"));
let s3: ImitatedS3;
beforeAll(async () => {
  s3 = await startImitatedS3();
});
beforeEach(() => {
  s3.trouble = "none";
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await s3.close();
});

const check = async (env: Record<string, string>) => {
  const [found, ...others] = await checkPictures(readConfig({ DATA_DIR: folder, ...env }));
  expect(others).toEqual([]);
  expect(JSON.stringify(found)).not.toMatch(/wJalr|AKIDEXAMPLE/);
  return `${found!.level}: ${found!.en}`;
};

it("the database needs nothing", async () => {
  expect(await check({})).toMatch(/^ok: .*database/);
});

it("a store that works is good, and nothing is left in it", async () => {
  expect(await check({ AVATAR_STORE: s3.setting })).toMatch(/^ok: The store at 127\.0\.0\.1:\d+ takes/);
  expect(s3.objects.size).toBe(0);
});

it.each<[S3Trouble, RegExp]>([
  ["forbidden", /^fail: .*does not write a picture: .*403 AccessDenied/],
  ["no bucket", /^fail: .*404 NoSuchBucket/],
  ["reads nothing", /^fail: .*does not read a picture: .*403 AccessDenied/],
  ["removes nothing", /^fail: .*does not remove a picture: .*403 AccessDenied/],
  ["lists nothing", /^warn: .*s3:ListBucket/],
  ["keeps what it removes", /^fail: .*still has it/],
])("one that has the trouble “%s” is not", async (trouble, words) => {
  s3.trouble = trouble;
  expect(await check({ AVATAR_STORE: s3.setting })).toMatch(words);
});

it("nor one that takes another secret, or is not there", async () => {
  expect(await check({ AVATAR_STORE: s3.wrongSetting })).toMatch(/^fail: .*SignatureDoesNotMatch/);
  const nobody = "s3+http://id:secret@127.0.0.1:1/bucket";
  expect(await check({ AVATAR_STORE: nobody })).toMatch(/^fail: .*does not write/);
});
