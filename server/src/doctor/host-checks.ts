import { accessSync, constants, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { type Diagnosis, fail, ok, warn } from "./diagnosis.ts";

/** The machine: Node's version, folders and their permissions, the secret's strength. */
export function checkHost(config: Config & { readonly secretKey: string }): Diagnosis[] {
  return [checkNode(process.versions.node), ...checkFolders(config), checkSecret(config)];
}

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

function checkFolders({ dataDir, database }: Config): Diagnosis[] {
  const found: Diagnosis[] = [];
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
  for (const file of files) {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
    const folderOpen = (statSync(dataDir).mode & 0o005) !== 0;
    if ((mode & 0o004) !== 0 && folderOpen) {
      found.push(
        warn(
          "folder",
          `${file} 可被本机其他用户读取，其中有密钥或散列。请执行 chmod 700 ${dataDir}。`,
          `${file} can be read by other users of this machine and holds keys or hashes. Run chmod 700 ${dataDir}.`,
        ),
      );
    }
  }
  return found.length > 0
    ? found
    : [ok("folder", `${dataDir} 可写且私有。`, `${dataDir} can be written and is private.`)];
}

export function checkSecret({
  secretKey,
  environment,
}: {
  secretKey: string;
  environment: string;
}): Diagnosis {
  const isFamiliar = /django-insecure|change-?me|secret-?key|meiduo-golden|12345678|abcdefgh/i.test(
    secretKey,
  );
  if (isFamiliar || new Set(secretKey).size < 12) {
    const level = environment === "production" ? fail : warn;
    return level(
      "secret",
      "SECRET_KEY 是示例值或重复太多：猜到它的人可以签发任何人的令牌。请换成 openssl rand -base64 48 的输出。",
      "SECRET_KEY is an example or repeats itself: who guesses it can issue anybody's token. Use the output of openssl rand -base64 48.",
    );
  }
  return ok("secret", "SECRET_KEY 足够长且不重复。", "SECRET_KEY is long and varied.");
}
