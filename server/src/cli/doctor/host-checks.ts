import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Config } from "../../config/config.ts";
import { type Diagnosis, fail, ok, unsafe } from "./diagnosis.ts";

/** The machine: Node's version, folders and their permissions, the secret's strength. */
export function checkNode(version: string): Diagnosis {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 24 || (major === 24 && minor >= 16))
    return ok("node", `Node.js ${version}。`, `Node.js ${version}.`);
  return fail(
    "node",
    `Node.js ${version} 太旧，请升级到 24.16 以上。`,
    `Node.js ${version} is too old: upgrade to 24.16 or newer.`,
  );
}

export function checkFolders(config: Config): Diagnosis[] {
  const { dataDir, database } = config;
  if (!existsSync(dataDir)) {
    return [
      ok(
        "folder",
        `${dataDir} 尚不存在，首次启动时创建。`,
        `${dataDir} does not exist yet; the first start makes it.`,
      ),
    ];
  }
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    const text = `DATA_DIR ${dataDir}`;
    return [fail("folder", `${text} 不可写，请检查所有者。`, `${text} can't be written: check its owner.`)];
  }
  const files = [
    join(dataDir, "secret-key"),
    ...(database.engine === "sqlite" ? [database.file, `${database.file}-wal`] : []),
  ];
  const open = files.filter(isOpenToOthers);
  if (open.length === 0)
    return [ok("folder", `${dataDir} 可写且私有。`, `${dataDir} can be written and is private.`)];
  const folders = [...new Set(open.map((file) => dirname(file)))].join(" ");
  return [
    unsafe(config, {
      check: "folder",
      variable: "DATA_DIR",
      message: `lets other users of this machine read ${open.join(", ")}, where keys or hashes are: run chmod 700 ${folders}`,
      zh: `${open.join("、")} 可被本机其他用户读取，其中有密钥或散列。请执行 chmod 700 ${folders}。`,
      allowance: "ALLOW_OPEN_DATA_DIR",
      inDevelopment: "warn",
    }),
  ];
}

function isOpenToOthers(file: string): boolean {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o004) !== 0 && (statSync(dirname(file)).mode & 0o005) !== 0;
}

/** Of examples and of keys that people type; a key of Django's own start is public with its repository. */
const familiar =
  /django-insecure|change[-_ ]?(?:me|this)|secret[-_ ]?key|replace|password|example|meiduo-golden|1234567|abcdefgh|qwerty|asdfgh/i;

export function checkSecret(
  config: Pick<Config, "environment" | "allowances"> & { readonly secretKey: string },
): Diagnosis {
  const { secretKey } = config;
  // 32 random hexadecimal digits have fewer than 8 different ones once in thirty million times.
  const isVaried = new Set(secretKey).size >= 8 && !isRepetition(secretKey);
  if (isVaried && !familiar.test(secretKey)) {
    return ok("secret", "SECRET_KEY 足够长且不重复。", "SECRET_KEY is long and varied.");
  }
  return unsafe(config, {
    check: "secret",
    variable: "SECRET_KEY",
    message:
      "is an example or repeats itself, and who guesses it can issue anybody's token: use the output of openssl rand -base64 48",
    zh: "SECRET_KEY 是示例值或重复太多：猜到它的人可以签发任何人的令牌。请换成 openssl rand -base64 48 的输出。",
    allowance: "ALLOW_WEAK_SECRET_KEY",
    inDevelopment: "warn",
  });
}

/** One piece several times over: such a text is found in itself, moved by the piece. */
function isRepetition(text: string): boolean {
  return `${text}${text}`.indexOf(text, 1) < text.length;
}
