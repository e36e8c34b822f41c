import { createPictureDecoder } from "../../avatars/picture-decoder.ts";
import { createS3Pictures } from "../../avatars/s3-pictures.ts";
import { parseStoreUrl } from "../../avatars/store-url.ts";
import type { Config } from "../../config/config.ts";
import { outgoingHttp } from "../../engines/outgoing-http.ts";
import { randomToken } from "../../kernel/ids.ts";
import { type Diagnosis, fail, ok, warn } from "./diagnosis.ts";

/** A white square of 16 pixels, as PNG. */
const sample = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQAQAAAAA3iMLMAAAAD0lEQVR42mP8z8DEQAICADIBAR/gNlhXAAAAAElFTkSuQmCC",
  "base64",
);

/** Pictures of people: whether one can be read here, and whether the store of AVATAR_STORE takes one, gives it back and removes it. */
export async function checkPictures({ avatarStore, outgoingProxy }: Config): Promise<Diagnosis[]> {
  let picture: Buffer;
  try {
    picture = await createPictureDecoder()(sample);
  } catch (error) {
    const { message } = error as Error;
    return [
      fail(
        "pictures",
        `无法读取图片：${message}。头像在单独的进程里读取，请检查本机是否允许启动进程，并重新安装依赖。`,
        `No picture can be read: ${message}. They are read in a process of its own: check that one may be started here, and install the dependencies again.`,
      ),
    ];
  }
  if (avatarStore === null) {
    return [
      ok(
        "pictures",
        "头像存放在数据库里（AVATAR_STORE 未设置）。",
        "Pictures of people lie in the database (AVATAR_STORE is not set).",
      ),
    ];
  }
  const http = outgoingHttp(outgoingProxy);
  try {
    return [await tryStore(avatarStore, picture, createS3Pictures(parseStoreUrl(avatarStore), { http }))];
  } finally {
    await http.close();
  }
}

async function tryStore(
  setting: string,
  picture: Buffer,
  store: ReturnType<typeof createS3Pictures>,
): Promise<Diagnosis> {
  const { host } = new URL(parseStoreUrl(setting).url);
  const name = `doctor-${randomToken(11)}`;
  let doing = { zh: "写入", en: "write" };
  try {
    await store.put(name, picture);
    doing = { zh: "读取", en: "read" };
    const found = await store.get(name);
    if (!found?.equals(picture)) throw new Error("it gives back another picture");
    doing = { zh: "删除", en: "remove" };
    await store.remove(name);
  } catch (error) {
    const { message } = error as Error;
    return fail(
      "pictures",
      `对象存储 ${host} 无法${doing.zh}图片：${message}。请检查 AVATAR_STORE 的桶、区域和密钥，以及密钥的权限。`,
      `The store at ${host} does not ${doing.en} a picture: ${message}. Check bucket, region and key in AVATAR_STORE, and what the key may do.`,
    );
  }
  const isGone = await store.get(name).catch(() => "refused");
  if (isGone === null) {
    return ok(
      "pictures",
      `对象存储 ${host} 可以写入、读取和删除头像。`,
      `The store at ${host} takes pictures of people, gives them back and removes them.`,
    );
  }
  return isGone === "refused"
    ? warn(
        "pictures",
        `对象存储 ${host} 可用，但对不存在的图片返回错误：请给密钥列出桶的权限（s3:ListBucket），否则缺少的图片与存储故障无法区分。`,
        `The store at ${host} works, but answers an error for a picture that isn't there: let the key list the bucket (s3:ListBucket), or a missing picture looks like trouble.`,
      )
    : fail(
        "pictures",
        `对象存储 ${host} 说已删除图片，却仍能读到它：清除账号时图片会留下。请检查桶的版本和锁定设置。`,
        `The store at ${host} says that it removed a picture and still has it: erased people's pictures would stay. Check the bucket's locks.`,
      );
}
