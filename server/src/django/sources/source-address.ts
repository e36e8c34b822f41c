import { readFileSync } from "node:fs";
import { SourceError } from "./django-reader.ts";

/**
 * A database's address as operators write it. Promise: what can't be read as an address is refused with the
 * reason, and no message repeats any of it but the host: a password with a `#` or `/` that was not
 * percent-encoded ends up in the host, the port or the path of the parsed address.
 */
export function readAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const rest = `${url?.pathname}${url?.search}${url?.hash}`;
  if (url === null || url.hostname === "" || rest.includes("@") || url.hash !== "" || !isDecodable(url)) {
    throw new SourceError(
      "这不是数据库地址：写成 mysql://用户:密码@主机:端口/数据库，密码中的 # / ? @ % 等字符须百分号编码（如 # 写成 %23）。",
      "This is no database address: write mysql://user:password@host:port/database, with # / ? @ % and the like in the password percent-encoded (# is %23).",
    );
  }
  if (databaseOf(url) === "") {
    throw new SourceError(
      `${url.host} 之后缺少数据库名：在地址末尾加上 /数据库名。`,
      `After ${url.host} the name of the database is missing: add /name.`,
    );
  }
  return url;
}

export function databaseOf(url: URL): string {
  return decodeURIComponent(url.pathname.slice(1));
}

function isDecodable({ username, password, pathname }: URL): boolean {
  try {
    decodeURIComponent(`${username}${password}${pathname}`);
    return true;
  } catch {
    return false;
  }
}

/** The MySQL driver's options; `verifyIdentity` is its check of the host's name. */
export interface MysqlTls {
  readonly rejectUnauthorized: boolean;
  readonly verifyIdentity: boolean;
  readonly ca?: string;
}

const mysqlModes = ["DISABLED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"];

/**
 * What an address asks of TLS, in the words of MySQL's own programs: `?ssl-mode=VERIFY_IDENTITY&ssl-ca=/path/ca.pem`
 * (https://dev.mysql.com/doc/refman/8.4/en/connection-options.html). Undefined for none. With a CA and no mode
 * everything is verified.
 */
export function readMysqlTls(url: URL): MysqlTls | undefined {
  const given = [...url.searchParams.keys()];
  const ca = url.searchParams.get("ssl-ca");
  const mode = (
    url.searchParams.get("ssl-mode") ?? (ca === null ? "DISABLED" : "VERIFY_IDENTITY")
  ).toUpperCase();
  const unknown = given.find((name) => name !== "ssl-mode" && name !== "ssl-ca");
  if (unknown !== undefined || !mysqlModes.includes(mode)) {
    throw new SourceError(
      `mysql:// 地址只认识 ?ssl-mode=${mysqlModes.join("|")} 和 &ssl-ca=证书文件。`,
      `A mysql:// address knows ?ssl-mode=${mysqlModes.join("|")} and &ssl-ca=<file> only.`,
    );
  }
  if (mode === "DISABLED") return undefined;
  return {
    rejectUnauthorized: mode !== "REQUIRED",
    verifyIdentity: mode === "VERIFY_IDENTITY",
    ...(ca === null ? {} : { ca: readCertificate(ca) }),
  };
}

function readCertificate(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = (error as Error).message;
    throw new SourceError(`无法读取证书：${reason}`, `The certificate can't be read: ${reason}`);
  }
}
