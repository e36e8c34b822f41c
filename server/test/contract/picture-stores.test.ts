import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { createDatabasePictures } from "../../src/avatars/database-pictures.ts";
import type { PictureStore } from "../../src/avatars/picture-store.ts";
import { createS3Pictures } from "../../src/avatars/s3-pictures.ts";
import { parseStoreUrl } from "../../src/avatars/store-url.ts";
import { type OutgoingHttp, outgoingHttp } from "../../src/engines/outgoing-http.ts";
import { type ImitatedS3, s3Signature, startImitatedS3 } from "../support/imitated-s3.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** One contract, two stores (avatars/picture-store.ts). */
let site: TestApp;
let s3: ImitatedS3;
let http: OutgoingHttp;
beforeAll(async () => {
  [site, s3] = [await startTestApp(), await startImitatedS3()];
  http = outgoingHttp({ http: "", https: "", except: "" });
});
beforeEach(() => {
  s3.trouble = "none";
  s3.asked.length = 0;
});
afterAll(async () => {
  await http.close();
  await s3.close();
  await site.close();
});

const stores: Readonly<Record<string, () => PictureStore>> = {
  database: () => createDatabasePictures(site.app.db),
  s3: () => createS3Pictures(parseStoreUrl(s3.setting), { http }),
};

let count = 0;
/** A name with a row, which a file in the database belongs to. */
async function fresh(): Promise<string> {
  const name = `-_Name${String(count++).padStart(16, "0")}`;
  const row = { name, user_id: null, store: "database" as const, created_at: 0, due_at: 0 };
  await site.app.db.kysely.insertInto("avatars").values(row).execute();
  return name;
}

describe.each(Object.entries(stores))("%s", (kind, open) => {
  it("gives back the very bytes, to every process", async () => {
    const name = await fresh();
    const content = randomBytes(30_000);
    await open().put(name, content);
    expect(await open().get(name)).toEqual(content);
    expect(open().name).toBe(kind);
  });

  it("has nothing of another name, and nothing after a removal", async () => {
    const [name, other] = [await fresh(), await fresh()];
    await open().put(name, Buffer.from("one"));
    await open().put(other, Buffer.from("other"));
    await open().remove(name);
    expect(await open().get(name)).toBeNull();
    expect(await open().get(other)).toEqual(Buffer.from("other"));
    expect(await open().get(await fresh())).toBeNull();
  });

  it("removes what is not there without a word", async () => {
    await open().remove(await fresh());
  });
});

describe("an S3-shaped store", () => {
  it("gets each picture below the bucket's address, as what it is", async () => {
    const name = await fresh();
    await stores.s3!().put(name, Buffer.from("face"));
    expect(s3.asked).toEqual([`PUT /shop/faces/${name}.jpg`]);
    expect(s3.objects.get(`/shop/faces/${name}.jpg`)?.type).toBe("image/jpeg");
  });

  it.each(["slow down once", "reset once"] as const)(
    "that has a trouble that passes is asked again: %s",
    async (trouble) => {
      const name = await fresh();
      s3.trouble = trouble;
      await stores.s3!().put(name, Buffer.from("face"));
      s3.trouble = trouble;
      expect(await stores.s3!().get(name)).toEqual(Buffer.from("face"));
      s3.trouble = trouble;
      await stores.s3!().remove(name);
      expect(s3.asked.length).toBe(6);
    },
  );

  it.each([
    ["forbidden", /403 AccessDenied/, 1],
    ["slow down", /503 SlowDown/, 3],
    ["no bucket", /404 NoSuchBucket/, 1],
    ["redirect", /307/, 1],
  ] as const)(
    "that answers %s rejects, and nothing is believed of the picture",
    async (trouble, words, tries) => {
      const name = await fresh();
      for (const act of [
        () => stores.s3!().put(name, Buffer.from("face")),
        () => stores.s3!().get(name),
        () => stores.s3!().remove(name),
      ]) {
        s3.trouble = trouble;
        s3.asked.length = 0;
        await expect(act()).rejects.toThrow(words);
        expect(s3.asked.length).toBe(tries);
      }
    },
  );

  it("that never answers is given up in its time", async () => {
    s3.trouble = "hang";
    const hasty = createS3Pictures(parseStoreUrl(s3.setting), { http, millis: 300 });
    await expect(hasty.get("x")).rejects.toThrow(/timeout|aborted/i);
  });

  it("refuses another secret, and the error doesn't have it", async () => {
    const wrong = createS3Pictures(parseStoreUrl(s3.wrongSetting), { http });
    const error = await wrong.put("x", Buffer.from("face")).catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(/403 SignatureDoesNotMatch/);
    expect(JSON.stringify(error) + String(error)).not.toMatch(/another|AKID/);
  });
});

// Amazon S3 API Reference, "Signature Calculations for the Authorization Header", example GET Object.
test("the imitation works signatures out as Amazon's own example has them", () => {
  const headers = {
    host: "examplebucket.s3.amazonaws.com",
    range: "bytes=0-9",
    "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "x-amz-date": "20130524T000000Z",
    authorization:
      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  };
  const made = s3Signature(
    { method: "GET", url: "/test.txt", headers },
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  );
  expect(headers.authorization).toContain(`Signature=${made}`);
});

describe("AVATAR_STORE", () => {
  it.each([
    [
      "s3://id:se%2Fcret@s3.example.com/bucket?region=eu-central-1",
      { url: "https://s3.example.com/bucket", region: "eu-central-1", keyId: "id", secret: "se/cret" },
    ],
    [
      "s3+http://id:secret@minio:9000/bucket/",
      { url: "http://minio:9000/bucket", region: "us-east-1", keyId: "id", secret: "secret" },
    ],
    [
      "s3://id:a:b@faces.oss-cn-hangzhou.aliyuncs.com?region=oss-cn-hangzhou",
      {
        ...{ url: "https://faces.oss-cn-hangzhou.aliyuncs.com", region: "oss-cn-hangzhou" },
        ...{ keyId: "id", secret: "a:b" },
      },
    ],
  ])("%s is read", (text, place) => {
    expect(parseStoreUrl(text)).toEqual(place);
  });

  it.each([
    "s3://host/bucket",
    "s3://id@host/bucket",
    "s3://id:@host/bucket",
    "s3://id:secret@host/bucket?regoin=x",
    "s3://id:secret@host/bucket?region=a b",
    "s3://id:secret@host/bucket#x",
    "file:///tmp",
  ])("%s is refused", (text) => {
    expect(() => parseStoreUrl(text)).toThrow();
  });
});
